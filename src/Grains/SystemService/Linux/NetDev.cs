namespace Orrery.Grains.SystemService.Linux;

/// <summary>Sums the network interfaces of <c>/proc/net/dev</c>, but for the loopback.</summary>
internal static class NetDev
{
    private const int HeaderLines = 2;

    // Received: bytes, packets, errs, drop, fifo, frame, compressed, multicast. Then sent: bytes, packets, errs, drop.
    private const int Columns = 12;

    public static NetworkMetrics? Parse(ReadOnlySpan<byte> dev)
    {
        Span<Int128> sums = stackalloc Int128[Columns];
        sums.Clear();
        var lines = 0;
        foreach (var range in dev.Split((byte)'\n'))
        {
            var line = dev[range];
            if (!line.IsEmpty && lines++ >= HeaderLines && !TryAdd(line, sums))
            {
                return null;
            }
        }

        return lines < HeaderLines ? null : new NetworkMetrics(
            long.CreateSaturating(sums[0]),
            long.CreateSaturating(sums[8]),
            long.CreateSaturating(sums[1]),
            long.CreateSaturating(sums[9]),
            long.CreateSaturating(sums[2] + sums[10]),
            long.CreateSaturating(sums[3] + sums[11]));
    }

    private static bool TryAdd(ReadOnlySpan<byte> line, Span<Int128> sums)
    {
        // The first number may stand right after the colon.
        var colon = line.IndexOf((byte)':');
        if (colon < 0)
        {
            return false;
        }

        if (line[..colon].TrimStart((byte)' ').SequenceEqual("lo"u8))
        {
            return true;
        }

        Span<long> counts = stackalloc long[Columns];
        var rest = line[(colon + 1)..];
        if (rest.TakeCounts(counts) < Columns)
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
