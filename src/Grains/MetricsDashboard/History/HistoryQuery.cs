using System.Globalization;
using Orrery.Rpc;
using Orrery.Rpc.Addressing;

namespace Orrery.Grains.MetricsDashboard.History;

/// <summary>What part of the history is asked for, completed and checked.</summary>
/// <param name="NodeId">The node; null for the cluster.</param>
/// <param name="From">The beginning of the first point.</param>
/// <param name="To">The end; what was measured then is not in it.</param>
/// <param name="Resolution">The time between points.</param>
internal sealed record HistoryQuery(string? NodeId, DateTimeOffset From, DateTimeOffset To, TimeSpan Resolution)
{
    private const int MostPoints = 5000;
    private const int PointsByDefault = 500;

    private static readonly TimeSpan RangeByDefault = TimeSpan.FromHours(1);

    // What divides hours and days, for whoever names none.
    private static readonly int[] Resolutions = [30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];

    private static int RollupSeconds => (int)Averages.RollupInterval.TotalSeconds;

    /// <exception cref="RpcException">It asks for what there can't be; the message says what there can be.</exception>
    public static HistoryQuery Read(string? nodeId, DateTimeOffset? from, DateTimeOffset? to, int? resolution, DateTimeOffset now, MetricsOptions options)
    {
        if (nodeId is not null && !Names.IsTarget(nodeId))
        {
            throw RpcException.InvalidParameter("node_id", "The node_id is no node id: a letter or digit, then up to 62 letters, digits, '.', '_' or '-'. Leave it out for the cluster.");
        }

        var end = to is { } given && given < now ? given.ToUniversalTime() : now;
        CheckKept("to", end, now, options);
        var start = from?.ToUniversalTime() ?? end - RangeByDefault;
        CheckRange(start, end, now);
        CheckKept("from", start, now, options);
        var least = LeastResolution(nodeId, start, end, now, options);
        var seconds = resolution is { } wish ? Checked(wish, least) : Default(least, end - start);
        var interval = TimeSpan.FromSeconds(seconds);
        return new HistoryQuery(nodeId, Averages.Floor(start, interval), end, interval);
    }

    /// <summary>Gives the answer, the oldest point first.</summary>
    public async Task<IReadOnlyList<MetricsPoint>> PointsAsync(IReportStore store, CancellationToken cancellationToken) =>
        Resolution >= Averages.RollupInterval || NodeId is null
            ? Averages.Points(await store.RollupsAsync(NodeId, From, To, cancellationToken), Resolution)
            : Averages.Points(await store.SamplesAsync(NodeId, From - Averages.LongestGap, To, cancellationToken), From, Resolution);

    private static void CheckRange(DateTimeOffset from, DateTimeOffset to, DateTimeOffset now)
    {
        if (from > now)
        {
            throw RpcException.InvalidParameter("from", $"The from {Text(from)} is in the future: it is {Text(now)} at the coordinator.");
        }

        if (from >= to)
        {
            throw RpcException.InvalidParameter("from", $"The from {Text(from)} is not before the to {Text(to)}.");
        }
    }

    // Whoever asks for all there is has read the clock a little earlier; and by default the beginning is an hour before the end.
    private static void CheckKept(string parameter, DateTimeOffset at, DateTimeOffset now, MetricsOptions options)
    {
        var earliest = now - options.RollupRetention;
        if (at < earliest - (parameter == "to" ? TimeSpan.Zero : RangeByDefault))
        {
            throw RpcException.InvalidParameter(parameter, $"The history before {Text(earliest)} is gone: it is kept for {options.RollupRetention:c}. Ask from then on.");
        }
    }

    private static Least LeastResolution(string? nodeId, DateTimeOffset from, DateTimeOffset to, DateTimeOffset now, MetricsOptions options)
    {
        // The first point begins before the range.
        var byPoints = Math.Max(1, (int)Math.Ceiling((to - from).TotalSeconds / (MostPoints - 1)));
        var isRollup = nodeId is null || from < now - options.RawRetention - Averages.RollupInterval || byPoints > RollupSeconds;
        var least = isRollup ? Multiple(byPoints) : byPoints;
        return new Least(least, least switch
        {
            _ when least > (isRollup ? RollupSeconds : 1) => $"an answer has {MostPoints} points at most",
            _ when nodeId is null => $"nodes report up to {RollupSeconds} s apart, so a finer point would not have all of them",
            _ => $"single reports are kept for {options.RawRetention:c}, and from before there are averages of {RollupSeconds} s",
        });
    }

    private static int Checked(int wish, Least least) => wish < least.Seconds
        ? throw RpcException.InvalidParameter("resolution", $"The resolution {wish} is too fine: {(wish < 1 ? "it is in seconds, 1 or more" : least.Reason)}. The smallest for this range is {least.Seconds}.")
        : wish > (int)TimeSpan.FromDays(366).TotalSeconds
            ? throw RpcException.InvalidParameter("resolution", $"The resolution {wish} is more than a year. The largest is 31622400.")
            : wish < RollupSeconds ? wish : Multiple(wish);

    private static int Default(Least least, TimeSpan range) => Math.Max(
        least.Seconds,
        Resolutions.FirstOrDefault(seconds => seconds >= least.Seconds && range.TotalSeconds / seconds <= PointsByDefault, Multiple((int)Math.Ceiling(range.TotalSeconds / PointsByDefault))));

    private static int Multiple(int seconds) => (seconds + RollupSeconds - 1) / RollupSeconds * RollupSeconds;

    private static string Text(DateTimeOffset at) => at.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private sealed record Least(int Seconds, string Reason);
}
