namespace Orrery.Grains.SystemService.Linux;

/// <summary>
/// Measures the mounted file systems now and then, aside: one of them can take its time, or never answer (a server that is
/// gone), and nobody who asks for metrics should wait for that.
/// </summary>
/// <param name="files">Where the mounts are read. Not shared with another thread.</param>
/// <param name="time">The clock.</param>
/// <param name="measure">Measures a mount; null for one that is gone or none to show.</param>
internal sealed class DiskWatch(KernelFiles files, TimeProvider time, Func<Mount, DiskMetrics?> measure)
{
    public const int MostMounts = 64;

    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, Task> _stuck = [];
    private Task _refreshing = Task.CompletedTask;
    private long? _startedAt;
    private volatile IReadOnlyList<DiskMetrics> _newest = [];

    /// <summary>What was measured last, by mount point.</summary>
    public IReadOnlyList<DiskMetrics> Newest => _newest;

    /// <summary>Begins to measure if the last time is long enough ago, and returns at once.</summary>
    /// <returns>Ends when the measuring that is under way does.</returns>
    public Task RefreshAsync()
    {
        var now = time.GetTimestamp();
        if (_refreshing.IsCompleted && (_startedAt is not { } last || time.GetElapsedTime(last, now) >= Interval))
        {
            _startedAt = now;
            _refreshing = Task.Run(MeasureAllAsync);
        }

        return _refreshing;
    }

    private async Task MeasureAllAsync()
    {
        var devices = new HashSet<string>();
        var disks = new List<DiskMetrics>();
        foreach (var mount in Mount.Disks(Mount.ParseAll(files.ReadText("proc/self/mountinfo"))).Take(MostMounts))
        {
            if (!devices.Contains(mount.Device) && await MeasureAsync(mount) is { } disk)
            {
                devices.Add(mount.Device);
                disks.Add(disk);
            }
        }

        _newest = [.. disks.OrderBy(disk => disk.Mount, StringComparer.Ordinal)];
    }

    private async Task<DiskMetrics?> MeasureAsync(Mount mount)
    {
        if (_stuck.TryGetValue(mount.Point, out var earlier) && !earlier.IsCompleted)
        {
            return null;
        }

        // A thread of its own: one that hangs is lost to the pool for as long.
        var measuring = Task.Factory.StartNew(() => measure(mount), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _stuck[mount.Point] = measuring;
        try
        {
            var disk = await measuring.WaitAsync(Patience, time);
            _stuck.Remove(mount.Point);
            return disk;
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
