using System.Numerics;

namespace Orrery.Rpc.Invocation;

/// <summary>
/// How a time falls into one of a hundred buckets: four to each doubling, so that what is read from them is right to an
/// eighth of its value. Counts of the same buckets can be added up, which percentiles can't.
/// </summary>
public static class LatencyBuckets
{
    /// <summary>The number of buckets. The last one takes all that is longer than two minutes.</summary>
    internal const int Count = 108;

    /// <summary>Gives the percentile of the times that were counted, in milliseconds; null when there are none.</summary>
    /// <param name="buckets">The counts, from the first bucket on; those at the end may be left out.</param>
    /// <param name="percent">0 to 100.</param>
    public static double? Percentile(IReadOnlyList<long> buckets, double percent)
    {
        ArgumentNullException.ThrowIfNull(buckets);
        var rank = Math.Max(1, Math.Ceiling(buckets.Sum() * percent / 100));
        long seen = 0;
        for (var i = 0; i < buckets.Count; i++)
        {
            seen += buckets[i];
            if (seen >= rank)
            {
                return Middle(i) / 1000;
            }
        }

        return null;
    }

    /// <summary>Gives the sums of the counts, bucket by bucket.</summary>
    public static IReadOnlyList<long> Sum(IEnumerable<IReadOnlyList<long>> all)
    {
        ArgumentNullException.ThrowIfNull(all);
        var sums = new long[Count];
        foreach (var buckets in all)
        {
            for (var i = 0; i < buckets.Count && i < Count; i++)
            {
                sums[i] += buckets[i];
            }
        }

        return sums;
    }

    /// <summary>Gives the bucket of a time in microseconds.</summary>
    internal static int Of(long microseconds)
    {
        if (microseconds < 4)
        {
            return (int)Math.Max(0, microseconds);
        }

        var doubling = BitOperations.Log2((ulong)microseconds);
        return Math.Min(((doubling - 1) * 4) + (int)((microseconds >> (doubling - 2)) & 3), Count - 1);
    }

    private static double Middle(int bucket)
    {
        if (bucket < 4)
        {
            return bucket + 0.5;
        }

        var width = 1L << ((bucket / 4) - 1);
        return ((4 + (bucket % 4)) * width) + (width / 2.0);
    }
}
