using System.Numerics;

namespace Orrery.Load.Client;

/// <summary>Counts durations in buckets that grow with them: each is at most 1.6 % wide.</summary>
internal sealed class Histogram
{
    private const int Precision = 6;

    private readonly long[] _counts = new long[(64 - Precision + 1) << Precision];

    public long Count { get; private set; }

    public void Add(long nanoseconds)
    {
        _counts[Bucket((ulong)nanoseconds)]++;
        Count++;
    }

    public void Add(Histogram other)
    {
        Count += other.Count;
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }
    }

    /// <summary>The duration that the given part of all stays below, in microseconds.</summary>
    public double Microseconds(double part)
    {
        var remaining = (long)Math.Ceiling(Count * part);
        var bucket = 0;
        while (remaining > _counts[bucket])
        {
            remaining -= _counts[bucket++];
        }

        return Start(bucket) / 1000.0;
    }

    // The leading bits of the duration, behind the number of bits that were left out.
    private static int Bucket(ulong value)
    {
        var left = Math.Max(0, BitOperations.Log2(value | 1) - Precision);
        return (left << Precision) + (int)(value >> left);
    }

    private static ulong Start(int bucket)
    {
        var left = Math.Max(0, (bucket >> Precision) - 1);
        return (ulong)(bucket - (left << Precision)) << left;
    }
}
