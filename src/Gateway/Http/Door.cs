using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Orrery.Gateway.JsonRpc;
using Orrery.Gateway.Security;
using Orrery.Rpc.Security;

namespace Orrery.Gateway.Http;

/// <summary>
/// The sockets that the web server listens on, and how many connections are open. Kestrel closes both in one step, in which
/// requests that are on their way get lost; a gateway that drains closes the one, waits a moment, and then the other.
/// </summary>
internal sealed partial class Door(TimeProvider time, IOptions<JsonRpcOptions> options, ILogger<Door> logger)
{
    private static readonly TimeSpan HandshakeTakes = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private readonly ConcurrentBag<Socket> _listeners = [];
    private readonly ConcurrentDictionary<IPAddress, int> _perAddress = [];
    private readonly ConcurrentDictionary<IPAddress, bool> _tooMany = [];
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

    /// <summary>Counts the connections that it accepts, and closes those that an address has too many of.</summary>
    public ConnectionDelegate Watch(ConnectionDelegate next) => async connection =>
    {
        var address = connection.RemoteEndPoint is IPEndPoint remote ? ClientNetwork.Of(remote.Address) : null;
        Interlocked.Increment(ref _connections);
        try
        {
            if (address is null || Enter(address))
            {
                await next(connection);
            }
            else
            {
                connection.Abort();
            }
        }
        finally
        {
            Leave(address);
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

    private bool Enter(IPAddress address)
    {
        var most = options.Value.MaxConnectionsPerAddress;
        if (_perAddress.AddOrUpdate(address, 1, static (_, count) => count + 1) <= most || most == 0)
        {
            return true;
        }

        Refusals.Count("gateway_connection", "too_many");
        // Once, until it has none any more.
        if (_tooMany.TryAdd(address, true))
        {
            LogTooMany(address, most);
        }

        return false;
    }

    private void Leave(IPAddress? address)
    {
        if (address is not null && _perAddress.AddOrUpdate(address, 0, static (_, count) => count - 1) == 0)
        {
            _perAddress.TryRemove(KeyValuePair.Create(address, 0));
            _tooMany.TryRemove(address, out _);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Address} has {Most} connections open, and gets no more (Orrery:JsonRpc:MaxConnectionsPerAddress)")]
    private partial void LogTooMany(IPAddress address, int most);
}
