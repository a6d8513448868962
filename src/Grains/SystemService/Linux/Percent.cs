namespace Orrery.Grains.SystemService.Linux;

/// <summary>Makes percentages that can be shown.</summary>
internal static class Percent
{
    /// <summary>Gives the share, 0 to 100 with two decimals; null of a whole that is nothing.</summary>
    public static double? Of(double part, double whole) => whole > 0 ? Math.Round(Math.Clamp(part / whole * 100, 0, 100), 2) : null;
}
