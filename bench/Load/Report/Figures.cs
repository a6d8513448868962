namespace Orrery.Load.Report;

/// <summary>What was measured of each row, as tables.</summary>
internal static class Figures
{
    public static Table All(IReadOnlyList<Row> rows)
    {
        var table = new Table(2, "calls", "server", "calls/s", "p50 µs", "p99 µs", "B/call", "CPU µs", "× (b)", "× (c)");
        foreach (var row in rows)
        {
            table.Add(
                row.Work,
                row.Server,
                Table.Number(row.Median(round => round.Traffic.CallsPerSecond), "#,0"),
                Table.Number(row.Median(round => round.Traffic.P50), "#,0"),
                Table.Number(row.Median(round => round.Traffic.P99), "#,0"),
                Table.Number(row.Median(round => round.BytesPerCall), "#,0"),
                Table.Number(row.Median(round => round.CpuPerCall), "0.0"),
                Ratio(row, rows.FirstOrDefault(other => other.Work == row.Work && other.Server.StartsWith("(b)", StringComparison.Ordinal))),
                Ratio(row, row.Work is Rows.SameNode or Rows.OtherNode ? rows.FirstOrDefault(other => other.Server == Rows.Bare) : null));
        }

        return table;
    }

    /// <summary>What a call costs in the process that it comes to first, and in those behind.</summary>
    public static Table ByHop(IEnumerable<Row> rows)
    {
        var table = new Table(2, "calls", "server", "CPU µs, first", "CPU µs, behind", "B/call, first", "B/call, behind");
        foreach (var row in rows.Where(row => row.Processes.Length > 1))
        {
            table.Add(
                row.Work,
                row.Server,
                Table.Number(row.Median(round => round.PerCall[0].CpuMicroseconds), "0.0"),
                Table.Number(row.Median(round => round.PerCall.Skip(1).Sum(costs => costs.CpuMicroseconds)), "0.0"),
                Table.Number(row.Median(round => round.PerCall[0].AllocatedBytes), "#,0"),
                Table.Number(row.Median(round => round.PerCall.Skip(1).Sum(costs => costs.AllocatedBytes)), "#,0"));
        }

        return table;
    }

    public static Table OfStarts(IEnumerable<Starts> all)
    {
        var table = new Table(1, "start", "median ms", "shortest", "longest");
        foreach (var starts in all)
        {
            table.Add(starts.Server, Table.Number(starts.Milliseconds.Median(), "#,0"), Table.Number(starts.Milliseconds.Min(), "#,0"), Table.Number(starts.Milliseconds.Max(), "#,0"));
        }

        return table;
    }

    private static string Ratio(Row row, Row? other) => other is null || other == row
        ? ""
        : Table.Number(row.Median(round => round.Traffic.CallsPerSecond) / other.Median(round => round.Traffic.CallsPerSecond), "0.00");
}
