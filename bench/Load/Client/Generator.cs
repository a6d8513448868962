using System.Diagnostics;

namespace Orrery.Load.Client;

/// <summary>
/// Makes calls on a number of connections for a while: as fast as they are answered, or each when it is due. One thread has all
/// of them, so that what the client needs of the processors is little, and the same for slow servers and fast ones.
/// </summary>
internal sealed class Generator
{
    // In which the first request is sent, so that it is not late.
    private static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(5);

    // After which it looks whether it is cancelled.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(200);

    private readonly Line[] _lines;
    private readonly long _interval;
    private readonly long _end;
    private readonly Histogram _latencies = new();
    private readonly SocketSet _readable = new();

    private Generator(Line[] lines, long interval, long end)
    {
        _lines = lines;
        _interval = interval;
        _end = end;
    }

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
        var lines = new List<Line>();
        try
        {
            while (lines.Count < connections)
            {
                lines.Add(new Line(new Connection(exchange)));
            }

            var interval = callsPerSecond is { } rate ? (long)(Stopwatch.Frequency * connections / rate) : 0;
            var start = Stopwatch.GetTimestamp() + (interval > 0 ? Timestamps(Lead) : 0);
            for (var i = 0; i < lines.Count; i++)
            {
                lines[i].Due = start + interval * i / connections;
            }

            var generator = new Generator([.. lines], interval, start + Timestamps(duration));
            generator.Run(cancellationToken);
            var elapsed = Stopwatch.GetElapsedTime(start);
            var latencies = generator._latencies;
            return new Traffic(latencies.Count * exchange.Calls, elapsed, latencies.Microseconds(0.50), latencies.Microseconds(0.99));
        }
        finally
        {
            lines.ForEach(line => line.Connection.Dispose());
        }
    }

    private static long Timestamps(TimeSpan duration) => (long)(duration.TotalSeconds * Stopwatch.Frequency);

    private void Run(CancellationToken cancellationToken)
    {
        if (_interval > 0)
        {
            Pause.BeExact();
        }

        while (SendWhatIsDue() is { } wait)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _readable.Wait(wait < LongestWait ? wait : LongestWait);
            foreach (var line in _lines)
            {
                if (_readable.Contains(line.Number))
                {
                    Receive(line);
                }
            }
        }
    }

    // Gives how long it is until the next one is due; null when the last one is answered.
    private TimeSpan? SendWhatIsDue()
    {
        var now = Stopwatch.GetTimestamp();
        var (isAnyUnderWay, next) = (false, long.MaxValue);
        _readable.Clear();
        foreach (var line in _lines)
        {
            SendIfDue(line, now);
            if (line.IsUnderWay)
            {
                isAnyUnderWay = true;
                _readable.Add(line.Number);
            }
            else if (line.Due < _end)
            {
                next = Math.Min(next, line.Due);
            }
        }

        return next < long.MaxValue ? Stopwatch.GetElapsedTime(now, next) : isAnyUnderWay ? LongestWait : null;
    }

    private void SendIfDue(Line line, long now)
    {
        if (!line.IsUnderWay && line.Due <= now && line.Due < _end)
        {
            line.Connection.Send();
            line.IsUnderWay = true;
        }
    }

    private void Receive(Line line)
    {
        line.Connection.Receive();
        line.IsUnderWay = false;
        var answered = Stopwatch.GetTimestamp();
        _latencies.Add(Stopwatch.GetElapsedTime(line.Due, answered).Ticks * TimeSpan.NanosecondsPerTick);
        line.Due = _interval > 0 ? line.Due + _interval : answered;
        // At once: others may have answers that are yet to be read.
        SendIfDue(line, answered);
    }

    /// <summary>A connection, and when its next request is due, or was.</summary>
    private sealed class Line(Connection connection)
    {
        public Connection Connection { get; } = connection;

        public int Number { get; } = connection.Number;

        public long Due { get; set; }

        public bool IsUnderWay { get; set; }
    }
}
