using System.Net;
using System.Net.Sockets;

namespace Orrery.Rpc.Hosting;

/// <summary>Finds ports on loopback, so that any number of nodes start on one machine without thought.</summary>
public static class LoopbackPort
{
    /// <summary>Gives a port that nobody listens on now.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Whether nobody listens on the port now.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
