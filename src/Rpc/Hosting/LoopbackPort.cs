using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Orrery.Rpc.Hosting;

/// <summary>Finds ports, on loopback where nothing else is said, so that any number of nodes start on one machine without thought.</summary>
public static class LoopbackPort
{
    // Below the ports that operating systems give to outgoing connections, any of which could take one from under a node
    // between its choice and its use; above those with well-known owners.
    private const int Lowest = 15000;
    private const int Highest = 29999;

    // Whoever was given one may not listen on it yet.
    private static readonly ConcurrentDictionary<int, bool> Given = [];

    /// <summary>Gives a port that nobody listens on now, and that this program has not been given before.</summary>
    /// <param name="address">The address of this machine that the port is of; loopback by default.</param>
    public static int Free(IPAddress? address = null)
    {
        while (true)
        {
            var port = Random.Shared.Next(Lowest, Highest + 1);
            if (IsFree(port, address) && (Given.TryAdd(port, true) || Given.Count > Highest - Lowest))
            {
                return port;
            }
        }
    }

    /// <summary>Whether nobody listens on the port now.</summary>
    /// <param name="port">The port.</param>
    /// <param name="address">The address of this machine that it is of; loopback by default.</param>
    public static bool IsFree(int port, IPAddress? address = null)
    {
        try
        {
            using var listener = new TcpListener(address ?? IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
