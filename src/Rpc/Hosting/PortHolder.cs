using System.Net;
using System.Net.Sockets;

namespace Orrery.Rpc.Hosting;

/// <summary>
/// Holds this node's ports from the moment they are chosen. Orleans opens them a second later, in a way that lets two
/// processes listen on one port, each with half of the other's connections: two gateways that start at the same time
/// would both be the seed.
/// </summary>
internal sealed class PortHolder : IDisposable
{
    private readonly List<Socket> _held = [];

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
        if (!LoopbackPort.IsFree(port))
        {
            return false;
        }

        // Bound like Orleans' own socket, so that it does not stand in its way, and never listening.
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        }
        catch (SocketException)
        {
            // Somebody came between.
            socket.Dispose();
            return false;
        }

        _held.Add(socket);
        return true;
    }

    public void Dispose()
    {
        foreach (var socket in _held)
        {
            socket.Dispose();
        }
    }
}
