namespace Orrery.Grains.SystemService.Linux;

/// <summary>Asks a mounted file system how full it is.</summary>
internal static class DiskSpace
{
    /// <summary>Gives the figures; null when it is gone, keeps nothing or is a single file, as containers mount them.</summary>
    public static DiskMetrics? Measure(Mount mount)
    {
        try
        {
            var drive = new DriveInfo(mount.Point);
            return Directory.Exists(mount.Point) && drive.TotalSize is var total and > 0
                ? Disk(mount, total, drive.TotalFreeSpace, drive.AvailableFreeSpace)
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // What is kept for the administrator is free and not available: it counts neither as used nor as what could be.
    private static DiskMetrics Disk(Mount mount, long total, long free, long available) =>
        new(mount.Point, mount.Filesystem, total, total - free, available, Percent.Of(total - free, (double)total - free + available) ?? 0);
}
