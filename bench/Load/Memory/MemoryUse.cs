namespace Orrery.Load.Memory;

/// <summary>What a process holds, in bytes.</summary>
/// <param name="Heap">All objects that something refers to.</param>
/// <param name="LargeObjects">Those of them of 85,000 bytes and more.</param>
/// <param name="WorkingSet">What the process has of the machine's memory.</param>
internal sealed record MemoryUse(long Heap, long LargeObjects, long WorkingSet)
{
    private const int LargeObjectGeneration = 3;

    public static MemoryUse operator -(MemoryUse one, MemoryUse other) => new(one.Heap - other.Heap, one.LargeObjects - other.LargeObjects, one.WorkingSet - other.WorkingSet);

    /// <summary>Measures this process, after a collection of all that nothing refers to.</summary>
    public static MemoryUse Measure()
    {
        var workingSet = Environment.WorkingSet;
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var info = GC.GetGCMemoryInfo(GCKind.FullBlocking);
        var large = info.GenerationInfo[LargeObjectGeneration];
        return new MemoryUse(info.HeapSizeBytes - info.FragmentedBytes, large.SizeAfterBytes - large.FragmentationAfterBytes, workingSet);
    }
}
