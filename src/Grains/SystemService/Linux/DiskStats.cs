using System.Text;

namespace Orrery.Grains.SystemService.Linux;

/// <summary>Sums the disks of <c>/proc/diskstats</c>.</summary>
internal static class DiskStats
{
    // A sector of this file is 512 bytes, whatever those of the disk are.
    private const int SectorBytes = 512;

    // After the name: reads, merged, sectors read, milliseconds, writes, merged, sectors written.
    private const int Columns = 7;

    /// <summary>
    /// Gives the names of the disks. What has a device behind it is one; a partition, a loop device, memory, and what is
    /// made of other disks (device mapper, RAID) has none, and would be counted twice.
    /// </summary>
    public static IReadOnlySet<string> Disks(KernelFiles files) =>
        // A name's slash is an exclamation mark in /sys.
        files.Names("sys/block").Where(name => files.Has($"sys/block/{name}/device")).Select(name => name.Replace('!', '/')).ToHashSet(StringComparer.Ordinal);

    public static DiskIoMetrics? Parse(ReadOnlySpan<byte> diskstats, IReadOnlySet<string> disks)
    {
        Span<Int128> sums = stackalloc Int128[Columns];
        sums.Clear();
        foreach (var range in diskstats.Split((byte)'\n'))
        {
            if (!TryAdd(diskstats[range], disks, sums))
            {
                return null;
            }
        }

        return diskstats.IsEmpty ? null : new DiskIoMetrics(
            long.CreateSaturating(sums[2] * SectorBytes),
            long.CreateSaturating(sums[6] * SectorBytes),
            long.CreateSaturating(sums[0]),
            long.CreateSaturating(sums[4]));
    }

    private static bool TryAdd(ReadOnlySpan<byte> line, IReadOnlySet<string> disks, Span<Int128> sums)
    {
        if (line.IsEmpty)
        {
            return true;
        }

        if (line.TakeCount() is null || line.TakeCount() is null)
        {
            return false;
        }

        if (!disks.Contains(Encoding.UTF8.GetString(line.TakeWord())))
        {
            return true;
        }

        Span<long> counts = stackalloc long[Columns];
        if (line.TakeCounts(counts) < Columns)
        {
            return false;
        }

        for (var i = 0; i < Columns; i++)
        {
            sums[i] += counts[i];
        }

        return true;
    }
}
