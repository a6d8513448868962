using System.Diagnostics;

namespace Orrery.Load.Client;

/// <summary>Makes calls on a number of connections for a while, as fast as they are answered.</summary>
internal static class Generator
{
    public static Traffic Run(Exchange exchange, int connections, TimeSpan duration, CancellationToken cancellationToken)
    {
        var clients = Enumerable.Range(0, connections).Select(_ => new Client(exchange, duration, cancellationToken)).ToArray();
        var started = Stopwatch.GetTimestamp();
        Array.ForEach(clients, client => client.Start());
        Array.ForEach(clients, client => client.Join());
        var elapsed = Stopwatch.GetElapsedTime(started);

        cancellationToken.ThrowIfCancellationRequested();
        var latencies = new Histogram();
        Array.ForEach(clients, client => latencies.Add(client.Latencies));
        return new Traffic(latencies, latencies.Count * exchange.Calls, elapsed);
    }

    private sealed class Client
    {
        private readonly Thread _thread;
        private Exception? _failure;

        public Client(Exchange exchange, TimeSpan duration, CancellationToken cancellationToken) =>
            _thread = new Thread(() => Run(exchange, duration, cancellationToken), maxStackSize: 256 * 1024) { IsBackground = true };

        public Histogram Latencies { get; } = new();

        public void Start() => _thread.Start();

        public void Join()
        {
            _thread.Join();
            if (_failure is not null)
            {
                throw new LoadException(_failure.Message);
            }
        }

        private void Run(Exchange exchange, TimeSpan duration, CancellationToken cancellationToken)
        {
            try
            {
                using var connection = new Connection(exchange);
                var now = Stopwatch.GetTimestamp();
                var end = now + (long)(duration.TotalSeconds * Stopwatch.Frequency);
                while (now < end && !cancellationToken.IsCancellationRequested)
                {
                    connection.Call();
                    var answered = Stopwatch.GetTimestamp();
                    Latencies.Add(Stopwatch.GetElapsedTime(now, answered).Ticks * TimeSpan.NanosecondsPerTick);
                    now = answered;
                }
            }
            catch (Exception exception)
            {
                _failure = exception;
            }
        }
    }
}

/// <summary>What the clients saw.</summary>
internal readonly record struct Traffic(Histogram Latencies, long Calls, TimeSpan Elapsed);
