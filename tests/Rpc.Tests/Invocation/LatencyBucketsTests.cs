using Orrery.Rpc.Invocation;

namespace Orrery.Rpc.Tests.Invocation;

public sealed class LatencyBucketsTests
{
    [Fact]
    public void A_percentile_is_right_to_an_eighth()
    {
        for (long microseconds = 4; microseconds < 120_000_000; microseconds = (microseconds * 9 / 8) + 1)
        {
            var read = LatencyBuckets.Percentile(With(microseconds), 50)!.Value * 1000;

            Assert.InRange(read, microseconds * 0.875, microseconds * 1.125);
        }
    }

    [Fact]
    public void Buckets_follow_each_other_without_a_gap()
    {
        var before = LatencyBuckets.Of(0);
        for (var microseconds = 1; microseconds < 1_000_000; microseconds++)
        {
            var bucket = LatencyBuckets.Of(microseconds);
            Assert.InRange(bucket, before, before + 1);
            before = bucket;
        }
    }

    [Theory]
    [InlineData(-5, 0)]
    [InlineData(0, 0)]
    [InlineData(long.MaxValue, LatencyBuckets.Count - 1)]
    public void Times_that_clocks_should_not_give_have_a_bucket_too(long microseconds, int bucket) => Assert.Equal(bucket, LatencyBuckets.Of(microseconds));

    [Fact]
    public void Percentiles_are_those_of_all_times_that_were_added_up()
    {
        var sum = LatencyBuckets.Sum([With([.. Enumerable.Repeat(100L, 90)]), With([.. Enumerable.Repeat(10_000L, 10)]), []]);

        Assert.InRange(LatencyBuckets.Percentile(sum, 50)!.Value, 0.0875, 0.1125);
        Assert.InRange(LatencyBuckets.Percentile(sum, 90)!.Value, 0.0875, 0.1125);
        Assert.InRange(LatencyBuckets.Percentile(sum, 91)!.Value, 8.75, 11.25);
        Assert.InRange(LatencyBuckets.Percentile(sum, 100)!.Value, 8.75, 11.25);
        Assert.Null(LatencyBuckets.Percentile([], 50));
    }

    private static long[] With(params long[] times)
    {
        var buckets = new long[LatencyBuckets.Count];
        foreach (var time in times)
        {
            buckets[LatencyBuckets.Of(time)]++;
        }

        return buckets;
    }
}
