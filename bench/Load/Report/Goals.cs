namespace Orrery.Load.Report;

/// <summary>What must hold, of what is measured here: ratios of medians.</summary>
internal static class Goals
{
    public static Table Compare(IReadOnlyList<Row> rows, IReadOnlyList<Starts> starts)
    {
        var table = new Table(1, "goal", "measured", "at least", "aim", "holds");
        foreach (var goal in All(rows, starts))
        {
            if (goal.Measured is { } measured)
            {
                table.Add(goal.What, Table.Number(measured, "0.00"), Table.Number(goal.AtLeast, "0.00"), Table.Number(goal.Aim, "0.00"), goal.Holds(measured));
            }
        }

        return table;
    }

    private static IEnumerable<Goal> All(IReadOnlyList<Row> rows, IReadOnlyList<Starts> starts)
    {
        yield return new("calls/s, same node, against hand-written", Ratio(Rows.SameNode, Rows.Gateway, Rows.Handwritten, CallsPerSecond), 0.95, 1.05);
        yield return new("calls/s, other node, against hand-written", Ratio(Rows.OtherNode, Rows.Gateway, Rows.Handwritten, CallsPerSecond), 0.95, 1.15);
        yield return new("calls/s, same node, against bare", Ratio(Rows.SameNode, Rows.Gateway, Rows.Bare, CallsPerSecond), 0.85, 0.95);
        yield return new("p50 at 1 connection, other node, against hand-written", Ratio(Rows.OneConnection, Rows.Gateway, Rows.Handwritten, round => round.Traffic.P50), 1.05, 0.95);
        yield return new("p99 at half of the saturating rate, other node, against hand-written", Ratio(Rows.AtHalfRate, Rows.Gateway, Rows.Handwritten, round => round.Traffic.P99), 1.1, 0.9);
        yield return new("calls/s in batches of 50, same node, against hand-written", Ratio(Rows.BatchSameNode, Rows.Gateway, Rows.Handwritten, CallsPerSecond), 0.9, 1.2);
        yield return new("calls/s in batches of 50, other node, against hand-written", Ratio(Rows.BatchOtherNode, Rows.Gateway, Rows.Handwritten, CallsPerSecond), 1.5, 3);
        yield return new("calls/s, other node, against Moleculer", Ratio(Rows.Peers, Rows.Gateway, Rows.Moleculer, CallsPerSecond), 4, 6);
        yield return new("calls/s, other node, against the Python design", Ratio(Rows.Peers, Rows.Gateway, Rows.Python, CallsPerSecond), 50, 70);
        yield return new("typed call to a node, inside, against an Orleans reference", Ratio(Rows.InsideNode, Rows.Typed, Rows.Reference, CallsPerSecond), 0.98, 1);
        yield return new("typed call to a role, inside, against an Orleans reference", Ratio(Rows.InsideRole, Rows.Typed, Rows.Reference, CallsPerSecond), 0.85, 0.95);
        yield return new("dynamic call, inside, against an Orleans reference", Ratio(Rows.InsideDynamic, Rows.Dynamic, Rows.Reference, CallsPerSecond), 0.4, 0.6);
        yield return new("bytes per call at the gateway, other node, against hand-written", Ratio(Rows.OtherNode, Rows.Gateway, Rows.Handwritten, round => round.PerCall[0].AllocatedBytes), 1, 0.6);
        yield return new("calls/s, other node, with 1,000 nodes and 200 services in the registry, against 2", Ratio(Rows.OtherNode, Rows.Crowded, Rows.Gateway, CallsPerSecond), 0.95, 1);
        yield return new("start to the first answer, against an empty app with a silo", Start(Starts.Embedded) / Start(Starts.Empty), 1.2, 1.05);

        double? Ratio(string work, string server, string other, Func<Measurement, double> figure) =>
            Of(work, server)?.Median(figure) / Of(work, other)?.Median(figure);

        double? Start(string server) => starts.FirstOrDefault(start => start.Server == server)?.Milliseconds.Median();

        Row? Of(string work, string server) => rows.FirstOrDefault(row => row.Work == work && row.Server == server);
    }

    private static double CallsPerSecond(Measurement round) => round.Traffic.CallsPerSecond;

    /// <param name="What">What is compared.</param>
    /// <param name="Measured">The ratio; null when a row of it was not measured.</param>
    /// <param name="AtLeast">What must be reached.</param>
    /// <param name="Aim">What is aimed for; below that, when lower is better.</param>
    private sealed record Goal(string What, double? Measured, double AtLeast, double Aim)
    {
        public string Holds(double measured) => Reaches(measured, Aim) ? "aim" : Reaches(measured, AtLeast) ? "yes" : "no";

        private bool Reaches(double measured, double limit) => Aim < AtLeast ? measured <= limit : measured >= limit;
    }
}
