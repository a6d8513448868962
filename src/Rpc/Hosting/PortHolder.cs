using System.Net;

namespace Orrery.Rpc.Hosting;

/// <summary>
/// Holds the ports that somebody else could want too, from the moment they are chosen, by locks that end with the
/// process. Orleans opens its ports a second later, and in a way that lets two processes listen on one port, each with
/// half of the other's connections: two gateways that start at the same time would both be the seed.
/// </summary>
internal sealed class PortHolder : IDisposable
{
    private readonly List<FileStream> _held = [];

    /// <summary>Takes a port of an address; false when somebody has it.</summary>
    public bool TryTake(IPAddress address, int port)
    {
        var file = Path.Combine(Path.GetTempPath(), $"orrery-{Environment.UserName}-{Convert.ToHexString(address.GetAddressBytes())}-{port}.lock");
        FileStream? held = null;
        try
        {
            held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(file))
            {
                return false;
            }

            // Where no file can be made, as in a container that may write nothing, nobody can hold a port.
        }

        if (!LoopbackPort.IsFree(port, address))
        {
            held?.Dispose();
            return false;
        }

        if (held is not null)
        {
            _held.Add(held);
        }

        return true;
    }

    public void Dispose()
    {
        foreach (var held in _held)
        {
            held.Dispose();
        }
    }
}
