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

    /// <summary>Gives the preferred port when nobody listens on it, else a free one.</summary>
    public static int FreeOr(int preferred)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, preferred);
            listener.Start();
            return preferred;
        }
        catch (SocketException)
        {
            return Free();
        }
    }
}
