using System.Globalization;

namespace Orrery.Membership;

/// <summary>Prints the figures as a Markdown table, each line as soon as it is measured.</summary>
internal static class Table
{
    private static readonly int[] Widths = [16, 5, 9, 8, 18];

    public static void PrintHeader()
    {
        Print("operation", "rows", "median ms", "p99 ms", "8 callers, calls/s");
        Console.WriteLine($"|{string.Join('|', Widths.Select((width, i) => i == 0 ? new string('-', width + 2) : new string('-', width + 1) + ":"))}|");
    }

    public static void Print(Operation operation, Latencies one, Latencies? many) => Print(
        operation.Name,
        Number(operation.Cluster.Size, "0"),
        Number(one.Within(0.50), "0.00"),
        Number(one.Within(0.99), "0.00"),
        many is null ? "" : Number(many.CallsPerSecond, "#,0"));

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static void Print(params string[] cells) =>
        Console.WriteLine($"| {string.Join(" | ", cells.Select((cell, i) => i == 0 ? cell.PadRight(Widths[i]) : cell.PadLeft(Widths[i])))} |");
}
