using System.Globalization;

namespace Orrery.Load.Report;

/// <summary>A Markdown table that can also be read as it is printed.</summary>
/// <param name="texts">How many columns, from the left, hold text; the others hold figures.</param>
/// <param name="names">The names of the columns.</param>
internal sealed class Table(int texts, params string[] names)
{
    private readonly List<string[]> _lines = [names];

    public void Add(params string[] cells) => _lines.Add(cells);

    /// <summary>Prints it, with a heading; nothing when it has no line.</summary>
    public void Print(string heading, TextWriter output)
    {
        if (_lines.Count == 1)
        {
            return;
        }

        var widths = Enumerable.Range(0, names.Length).Select(column => _lines.Max(line => line[column].Length)).ToArray();
        output.WriteLine();
        output.WriteLine(heading);
        output.WriteLine();
        Print(output, names, widths);
        output.WriteLine($"|{string.Join('|', widths.Select((width, column) => new string('-', width + 1) + (IsText(column) ? '-' : ':')))}|");
        _lines.ForEach(line =>
        {
            if (line != names)
            {
                Print(output, line, widths);
            }
        });
    }

    public static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private bool IsText(int column) => column < texts;

    private void Print(TextWriter output, string[] cells, int[] widths) =>
        output.WriteLine($"| {string.Join(" | ", cells.Select((cell, column) => IsText(column) ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])))} |");
}
