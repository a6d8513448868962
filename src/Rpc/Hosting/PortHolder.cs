namespace Orrery.Rpc.Hosting;

/// <summary>
/// Holds this node's ports from the moment they are chosen, by a lock that ends with the process. Orleans opens them a
/// second later, in a way that lets two processes listen on one port, each with half of the other's connections: two
/// gateways that start at the same time would both be the seed.
/// </summary>
internal sealed class PortHolder : IDisposable
{
    private readonly List<FileStream> _held = [];

    /// <summary>Takes a port that nobody else has.</summary>
    public int TakeFree()
    {
        while (true)
        {
            var port = LoopbackPort.Free();
            if (TryTake(port))
            {
                return port;
            }
        }
    }

    /// <summary>Takes a port; false when somebody has it.</summary>
    public bool TryTake(int port)
    {
        FileStream held;
        try
        {
            var file = Path.Combine(Path.GetTempPath(), $"orrery-{Environment.UserName}-{port}.lock");
            held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException)
        {
            return false;
        }

        if (!LoopbackPort.IsFree(port))
        {
            held.Dispose();
            return false;
        }

        _held.Add(held);
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
