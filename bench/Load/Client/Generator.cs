using System.Diagnostics;

namespace Orrery.Load.Client;

/// <summary>Makes calls on a number of connections for a while: as fast as they are answered, or each when it is due.</summary>
internal static class Generator
{
    // In which all connections are there, so that the first calls are not late.
    private static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(50);

    /// <param name="exchange">The request.</param>
    /// <param name="connections">Each has one request under way.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="callsPerSecond">
    /// The rate of all connections together. A latency then counts from when the request was due, also when the answer before
    /// it came later: whoever waits for a slow server waits for all that it holds up.
    /// </param>
    /// <param name="cancellationToken">Ends it sooner.</param>
    public static Traffic Run(Exchange exchange, int connections, TimeSpan duration, double? callsPerSecond, CancellationToken cancellationToken)
    {
        var interval = callsPerSecond is { } rate ? (long)(Stopwatch.Frequency * connections / rate) : 0;
        var start = Stopwatch.GetTimestamp() + (interval > 0 ? Timestamps(Lead) : 0);
        var clients = Enumerable.Range(0, connections)
            .Select(i => new Client(exchange, new Schedule(start + interval * i / connections, interval, start + Timestamps(duration)), cancellationToken))
            .ToArray();
        Array.ForEach(clients, client => client.Start());
        Array.ForEach(clients, client => client.Join());
        var elapsed = Stopwatch.GetElapsedTime(start);

        cancellationToken.ThrowIfCancellationRequested();
        var latencies = new Histogram();
        Array.ForEach(clients, client => latencies.Add(client.Latencies));
        return new Traffic(latencies.Count * exchange.Calls, elapsed, latencies.Microseconds(0.50), latencies.Microseconds(0.99));
    }

    private static long Timestamps(TimeSpan duration) => (long)(duration.TotalSeconds * Stopwatch.Frequency);

    /// <summary>When the requests of a connection are due; with no interval, each when the one before it is answered.</summary>
    private readonly record struct Schedule(long First, long Interval, long End);

    private sealed class Client
    {
        private readonly Thread _thread;
        private Exception? _failure;

        public Client(Exchange exchange, Schedule schedule, CancellationToken cancellationToken) =>
            _thread = new Thread(() => Run(exchange, schedule, cancellationToken), maxStackSize: 256 * 1024) { IsBackground = true };

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

        private void Run(Exchange exchange, Schedule schedule, CancellationToken cancellationToken)
        {
            try
            {
                using var connection = new Connection(exchange);
                if (schedule.Interval > 0)
                {
                    Pause.BeExact();
                }

                var due = schedule.Interval > 0 ? schedule.First : Stopwatch.GetTimestamp();
                while (due < schedule.End && !cancellationToken.IsCancellationRequested)
                {
                    Pause.Until(due);
                    connection.Call();
                    var answered = Stopwatch.GetTimestamp();
                    Latencies.Add(Stopwatch.GetElapsedTime(due, answered).Ticks * TimeSpan.NanosecondsPerTick);
                    due = schedule.Interval > 0 ? due + schedule.Interval : answered;
                }
            }
            catch (Exception exception)
            {
                _failure = exception;
            }
        }
    }
}
