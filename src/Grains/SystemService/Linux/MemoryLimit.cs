namespace Orrery.Grains.SystemService.Linux;

/// <summary>The tightest limit of memory among the control groups of the process, and what its group uses.</summary>
/// <param name="LimitBytes">The limit.</param>
/// <param name="UsedBytes">What can't be dropped at once; null when it can't be read.</param>
internal readonly record struct MemoryLimit(long LimitBytes, long? UsedBytes)
{
    /// <summary>What version 1 has for no limit is the largest number of whole pages, of whatever size they are.</summary>
    public const long Unlimited = long.MaxValue - (1 << 20);

    /// <summary>Finds it; null when there is none below what the machine has.</summary>
    public static MemoryLimit? Find(KernelFiles files, Cgroups groups, long machineBytes)
    {
        var (tightest, folder, isVersion2) = (machineBytes, "", false);
        foreach (var group in groups.Unified)
        {
            Consider(group, "memory.max", true);
        }

        foreach (var group in groups.Memory)
        {
            Consider(group, "memory.limit_in_bytes", false);
        }

        return folder.Length == 0 ? null : new MemoryLimit(tightest, isVersion2
            ? Used(files, folder, "memory.current", "inactive_file"u8)
            : Used(files, folder, "memory.usage_in_bytes", "total_inactive_file"u8));

        // Of two equal limits the outer one is reached first: what others use counts there too. No limit is "max" in
        // version 2, and far more than any machine has in version 1.
        void Consider(Cgroup group, string name, bool version2)
        {
            var text = files.Read($"{group.Folder}/{name}");
            if (text.TakeCount() is { } limit and > 0 && (limit < tightest || (limit == tightest && folder.Length > 0)))
            {
                (tightest, folder, isVersion2) = (limit, group.Folder, version2);
            }
        }
    }

    // Files that nobody has used for a while are the first to go when memory is short.
    private static long? Used(KernelFiles files, string folder, string usage, ReadOnlySpan<byte> inactive)
    {
        var text = files.Read($"{folder}/{usage}");
        return text.TakeCount() is { } used ? Math.Max(0, used - (KernelText.CountOf(files.Read($"{folder}/memory.stat"), inactive) ?? 0)) : null;
    }
}
