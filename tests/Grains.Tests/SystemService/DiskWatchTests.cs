using Microsoft.Extensions.Time.Testing;
using Orrery.Grains.SystemService;
using Orrery.Grains.SystemService.Linux;

namespace Orrery.Grains.Tests.SystemService;

public sealed class DiskWatchTests : IDisposable
{
    private readonly FakeRoot _root = new();
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task Only_what_keeps_files_is_a_disk()
    {
        Mounts(
            "22 27 0:21 / /proc rw - proc proc rw",
            "23 27 0:22 / /sys rw - sysfs sysfs rw",
            "24 27 0:6 / /dev rw - devtmpfs devtmpfs rw",
            "25 24 0:23 / /dev/shm rw shared:1 master:2 - tmpfs tmpfs rw",
            "27 1 0:50 / / rw - overlay overlay rw,lowerdir=/x",
            "28 27 0:51 / /var/lib/containers/merged rw - overlay overlay rw",
            "29 27 8:1 / /boot rw - ext4 /dev/sda1 rw",
            "30 27 7:1 / /snap/core/1 ro - squashfs /dev/loop1 ro",
            "31 27 0:60 / /mnt/server rw - nfs4 server:/data rw",
            "32 27 8:2 / /with\\040space\\134 rw - xfs /dev/sda2 rw");

        Assert.Equal(["/", "/boot", "/mnt/server", "/with space\\"], await Measured());
    }

    [Fact]
    public async Task A_file_system_counts_once_where_its_name_is_shortest()
    {
        Mounts(
            "40 27 8:1 /a /var/lib/kubelet/volumes/a rw - ext4 /dev/sda1 rw",
            "41 27 8:1 /b /data rw - ext4 /dev/sda1 rw",
            "42 27 8:1 /c /file rw - ext4 /dev/sda1 rw",
            "43 27 8:1 /hosts /h rw - ext4 /dev/sda1 rw");

        // The shortest is a single file, which is none.
        Assert.Equal(["/data"], await Measured(mount => mount.Point == "/h" ? null : Disk(mount)));
    }

    [Fact]
    public async Task Of_two_mounts_at_one_place_the_last_is_the_one_that_is_seen()
    {
        Mounts("40 27 8:1 / /data rw - ext4 /dev/sda1 rw", "41 27 0:77 / /data rw - tmpfs tmpfs rw", "42 27 8:3 / /x rw - ext4 /dev/sda3 rw");

        Assert.Equal(["/x"], await Measured());
    }

    [Fact]
    public async Task There_is_a_bound_on_them()
    {
        Mounts([.. Enumerable.Range(0, 200).Select(i => $"{i} 1 9:{i} / /d{i} rw - ext4 /dev/x{i} rw")]);

        Assert.Equal(DiskWatch.MostMounts, (await Measured()).Count());
    }

    [Fact]
    public async Task Without_the_file_there_are_none() => Assert.Empty(await Measured());

    [Fact]
    public async Task They_are_measured_again_after_a_while_and_not_before()
    {
        Mounts("40 27 8:1 / / rw - ext4 /dev/sda1 rw");
        var count = 0;
        var watch = Watch(mount => Interlocked.Increment(ref count) > 0 ? Disk(mount) : null);

        await watch.RefreshAsync();
        await watch.RefreshAsync();
        _time.Advance(DiskWatch.Interval - TimeSpan.FromTicks(1));
        await watch.RefreshAsync();
        Assert.Equal(1, count);

        _time.Advance(TimeSpan.FromTicks(1));
        await watch.RefreshAsync();
        Assert.Equal(2, count);
    }

    [Fact]
    public async Task One_that_vanishes_leaves_the_list()
    {
        Mounts("40 27 8:1 / /a rw - ext4 /dev/sda1 rw", "41 27 8:2 / /b rw - ext4 /dev/sda2 rw");
        var isThere = true;
        var watch = Watch(mount => mount.Point != "/a" || isThere ? Disk(mount) : null);
        await watch.RefreshAsync();
        Assert.Equal(["/a", "/b"], watch.Newest.Select(disk => disk.Mount));

        isThere = false;
        _time.Advance(DiskWatch.Interval);
        await watch.RefreshAsync();

        Assert.Equal(["/b"], watch.Newest.Select(disk => disk.Mount));
    }

    [Fact]
    public async Task One_that_never_answers_holds_up_nobody_and_is_asked_once()
    {
        Mounts("40 27 8:1 / /a rw - nfs server:/a rw", "41 27 8:2 / /b rw - ext4 /dev/sda2 rw");
        using var answer = new ManualResetEventSlim();
        var asked = 0;
        var watch = Watch(mount =>
        {
            if (mount.Point == "/a")
            {
                Interlocked.Increment(ref asked);
                answer.Wait(Token);
            }

            return Disk(mount);
        });

        await Refreshed(watch);
        Assert.Equal(["/b"], watch.Newest.Select(disk => disk.Mount));
        _time.Advance(DiskWatch.Interval);
        await Refreshed(watch);
        Assert.Equal(1, asked);

        answer.Set();
        await Eventually.Is(async () =>
        {
            _time.Advance(DiskWatch.Interval);
            await Refreshed(watch);
            return watch.Newest.Count == 2;
        });
    }

    [Fact]
    public void A_mount_that_is_gone_or_no_folder_is_not_measured()
    {
        var file = Path.GetTempFileName();
        try
        {
            Assert.Null(DiskSpace.Measure(new Mount("8:1", "/", "/no/such/folder", "ext4", [])));
            Assert.Null(DiskSpace.Measure(new Mount("8:1", "/", file, "ext4", [])));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static DiskMetrics Disk(Mount mount) => new(mount.Point, mount.Filesystem, 100, 40, 50, 44.44);

    private DiskWatch Watch(Func<Mount, DiskMetrics?> measure) => new(_root.Files(), _time, measure);

    private void Mounts(params string[] lines) => _root.Write("proc/self/mountinfo", string.Join('\n', lines) + "\n");

    private async Task<IEnumerable<string>> Measured(Func<Mount, DiskMetrics?>? measure = null)
    {
        var watch = Watch(measure ?? Disk);
        await watch.RefreshAsync();
        return watch.Newest.Select(disk => disk.Mount);
    }

    // The patience with a mount passes by the fake clock, again and again until the watch has begun to wait by it.
    private async Task Refreshed(DiskWatch watch)
    {
        var refreshing = watch.RefreshAsync();
        await Eventually.Is(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            return Task.FromResult(refreshing.IsCompleted);
        });
    }
}
