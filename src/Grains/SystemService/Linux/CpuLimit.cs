namespace Orrery.Grains.SystemService.Linux;

/// <summary>The tightest limit of the processors among the control groups of the process, and what its group has used.</summary>
/// <param name="Group">The group that has the limit.</param>
/// <param name="Processors">The limit, in processors: 0.5 is half of one.</param>
/// <param name="Used">The time that the group has used, in nanoseconds of one processor; null when it can't be read.</param>
internal readonly record struct CpuLimit(string Group, double Processors, long? Used)
{
    /// <summary>Finds it; null when there is none below what the machine has.</summary>
    public static CpuLimit? Find(KernelFiles files, Cgroups groups, int machineProcessors)
    {
        var (tightest, tightestGroup, isVersion2) = ((double)machineProcessors, default(Cgroup?), false);
        foreach (var group in groups.Unified)
        {
            Consider(group, Version2(files, group), true);
        }

        foreach (var group in groups.Cpu)
        {
            Consider(group, Version1(files, group), false);
        }

        return tightestGroup is not { } found ? null : new CpuLimit(found.Folder, tightest, isVersion2
            ? UsedOfVersion2(files, found)
            : UsedOfVersion1(files, groups.Cpuacct.FirstOrDefault(group => group.Name == found.Name)));

        // Of two equal limits the outer one is reached first: what others use counts there too.
        void Consider(Cgroup group, double? limit, bool version2)
        {
            if (limit < tightest || (limit == tightest && tightestGroup is not null))
            {
                (tightest, tightestGroup, isVersion2) = (limit.Value, group, version2);
            }
        }
    }

    /// <summary>Gives how much of the limit was used since an earlier reading; null when it can't be told.</summary>
    /// <param name="earlier">The earlier reading.</param>
    /// <param name="elapsed">The time between the two.</param>
    public double? PercentSince(CpuLimit earlier, TimeSpan elapsed) =>
        Group == earlier.Group && Used - earlier.Used is { } used and >= 0
            ? Percent.Of(used, elapsed.TotalNanoseconds * Processors)
            : null;

    // "200000 100000": 0.2 seconds in each 0.1; "max 100000" without a limit.
    private static double? Version2(KernelFiles files, Cgroup group)
    {
        var text = files.Read($"{group.Folder}/cpu.max");
        return Processor(text.TakeCount(), text.TakeCount());
    }

    // The quota is -1 without a limit, which is no count.
    private static double? Version1(KernelFiles files, Cgroup group)
    {
        var text = files.Read($"{group.Folder}/cpu.cfs_quota_us");
        var quota = text.TakeCount();
        text = files.Read($"{group.Folder}/cpu.cfs_period_us");
        return Processor(quota, text.TakeCount());
    }

    private static double? Processor(long? quota, long? period) => quota > 0 && period > 0 ? (double)quota / period : null;

    private static long? UsedOfVersion2(KernelFiles files, Cgroup group) =>
        KernelText.CountOf(files.Read($"{group.Folder}/cpu.stat"), "usage_usec"u8) is { } microseconds ? long.CreateSaturating((Int128)microseconds * 1000) : null;

    private static long? UsedOfVersion1(KernelFiles files, Cgroup group)
    {
        var text = files.Read($"{group.Folder}/cpuacct.usage");
        return text.TakeCount();
    }
}
