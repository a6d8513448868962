using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Orrery.Gateway.Http;

/// <summary>
/// The sockets that the web server listens on, and how many connections are open. Kestrel closes both in one step, in which
/// requests that are on their way get lost; a gateway that drains closes the one, waits a moment, and then the other.
/// </summary>
internal sealed class Door(TimeProvider time)
{
    private static readonly TimeSpan HandshakeTakes = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private readonly ConcurrentBag<Socket> _listeners = [];
    private volatile TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile int _connections;

    /// <summary>How many connections are open.</summary>
    public int Connections => _connections;

    /// <summary>Keeps the sockets that the web server makes.</summary>
    public Func<EndPoint, Socket> Watch(Func<EndPoint, Socket> listen) => endPoint =>
    {
        var listener = listen(endPoint);
        _listeners.Add(listener);
        return listener;
    };

    /// <summary>Counts the connections that it accepts.</summary>
    public ConnectionDelegate Watch(ConnectionDelegate next) => async connection =>
    {
        Interlocked.Increment(ref _connections);
        try
        {
            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
            Interlocked.Exchange(ref _left, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    };

    /// <summary>From now on connections are refused. Those that were made are let in: the system would reset them.</summary>
    public async Task CloseAsync()
    {
        foreach (var listener in _listeners.Where(listener => !listener.SafeHandle.IsClosed))
        {
            SynFilter.Attach(listener);
            var since = time.GetTimestamp();
            while (time.GetElapsedTime(since) is var waited && waited < Longest && (waited < HandshakeTakes || listener.Poll(TimeSpan.Zero, SelectMode.SelectRead)))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), time);
            }

            listener.Dispose();
        }
    }

    /// <summary>Waits until no connection is open.</summary>
    public async Task EmptyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var left = _left.Task;
            if (_connections == 0)
            {
                return;
            }

            await left.WaitAsync(cancellationToken);
        }
    }
}
