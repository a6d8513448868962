using System.Globalization;

namespace Orrery.Load.Report;

/// <summary>Prints the rows as a Markdown table.</summary>
internal static class Table
{
    private static readonly int[] Widths = [24, 16, 10, 9, 9, 9, 9, 6, 6];

    public static void Print(IReadOnlyList<Row> rows, TextWriter output)
    {
        Print(output, "calls", "server", "calls/s", "p50 µs", "p99 µs", "B/call", "CPU µs", "× (b)", "× (c)");
        output.WriteLine($"|{string.Join('|', Widths.Select((width, i) => i < 2 ? new string('-', width + 2) : new string('-', width + 1) + ":"))}|");
        foreach (var row in rows)
        {
            Print(
                output,
                row.Work,
                row.Server,
                Number(row.Median(round => round.CallsPerSecond), "#,0"),
                Number(row.Median(round => round.P50), "#,0"),
                Number(row.Median(round => round.P99), "#,0"),
                Number(row.Median(round => round.BytesPerCall), "#,0"),
                Number(row.Median(round => round.CpuPerCall), "0.0"),
                Ratio(row, rows.FirstOrDefault(other => other.Work == row.Work && other.Server == Row.Handwritten)),
                Ratio(row, row.Exchange.Calls > 1 ? null : rows.FirstOrDefault(other => other.Server == Row.Bare)));
        }
    }

    private static string Ratio(Row row, Row? other) => other is null || other == row
        ? ""
        : Number(row.Median(round => round.CallsPerSecond) / other.Median(round => round.CallsPerSecond), "0.00");

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static void Print(TextWriter output, params string[] cells) =>
        output.WriteLine($"| {string.Join(" | ", cells.Select((cell, i) => i < 2 ? cell.PadRight(Widths[i]) : cell.PadLeft(Widths[i])))} |");
}
