namespace Orrery.Load.Report;

/// <summary>The figure that is given for several.</summary>
internal static class Medians
{
    public static double Median(this IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
