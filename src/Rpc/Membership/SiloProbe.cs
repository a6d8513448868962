using System.Net;
using System.Net.Sockets;

namespace Orrery.Rpc.Membership;

/// <summary>Finds out whether a node's process is gone, without being in its cluster.</summary>
internal static class SiloProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether the machine is there and says that nobody listens. False proves nothing: a process that hangs still has
    /// its port, and an address that vanished says nothing at all.
    /// </summary>
    public static async Task<bool> IsRefusedAsync(IPEndPoint silo, TimeProvider time, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        using var socket = new Socket(silo.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(silo, either.Token);
            return false;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode is SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
