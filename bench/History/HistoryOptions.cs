using System.Globalization;

namespace Orrery.History;

/// <summary>How much is loaded, and whether the plans of the queries are printed.</summary>
internal sealed record HistoryOptions(int Nodes = 1000, int Hours = 24, bool Plans = false)
{
    public const string Help = "The options are --nodes 1000 and --hours 24, which say how much is loaded (up to 10000 and 48), and --plans, which prints the plan of each query.";

    /// <summary>Null when there is one that is not known.</summary>
    public static HistoryOptions? Read(ReadOnlySpan<string> args) => args switch
    {
        [] => new HistoryOptions(),
        ["--plans", .. var rest] => Read(rest) is { } options ? options with { Plans = true } : null,
        ["--nodes", var text, .. var rest] when Number(text, 10_000) is { } number => Read(rest) is { } options ? options with { Nodes = number } : null,
        ["--hours", var text, .. var rest] when Number(text, 48) is { } number => Read(rest) is { } options ? options with { Hours = number } : null,
        _ => null,
    };

    private static int? Number(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= most ? number : null;
}
