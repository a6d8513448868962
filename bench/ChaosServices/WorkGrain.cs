using System.Globalization;
using Orrery.Rpc;

namespace Orrery.ChaosServices;

internal sealed class WorkGrain(LocalNode node, TimeProvider time) : Grain, IWork
{
    private static readonly TimeSpan Duration = TimeSpan.FromMilliseconds(
        int.Parse(Environment.GetEnvironmentVariable("ORRERY_CHAOS_WORK_MS") ?? "20", CultureInfo.InvariantCulture));

    private const int Threads = 1000;

    private LongWork _lasted = new(0, 0, 0);

    public async Task<string> Run(CancellationToken cancellationToken)
    {
        await Task.Delay(Duration, time, cancellationToken);
        return node.NodeId;
    }

    public async Task Last(double seconds, CancellationToken cancellationToken)
    {
        _lasted = _lasted with { Started = _lasted.Started + 1 };
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), time, cancellationToken);
            _lasted = _lasted with { Finished = _lasted.Finished + 1 };
        }
        catch (OperationCanceledException)
        {
            _lasted = _lasted with { Cancelled = _lasted.Cancelled + 1 };
            throw;
        }
    }

    // As code that waits for a disk that hangs: more threads come, and block as well.
    public Task Block(double seconds)
    {
        var end = time.GetTimestamp() + (long)(seconds * time.TimestampFrequency);
        for (var i = 0; i < Threads; i++)
        {
#pragma warning disable RS0030 // To look dead is what this is for.
            ThreadPool.UnsafeQueueUserWorkItem(_ => Thread.Sleep(TimeSpan.FromSeconds(Math.Max(0, (double)(end - time.GetTimestamp()) / time.TimestampFrequency))), null);
#pragma warning restore RS0030
        }

        return Task.CompletedTask;
    }

    public Task<LongWork> Lasted() => Task.FromResult(_lasted);
}
