using System.Globalization;
using Orrery.Rpc;

namespace Orrery.ChaosServices;

internal sealed class WorkGrain(LocalNode node, TimeProvider time) : Grain, IWork
{
    private static readonly TimeSpan Duration = TimeSpan.FromMilliseconds(
        int.Parse(Environment.GetEnvironmentVariable("ORRERY_CHAOS_WORK_MS") ?? "20", CultureInfo.InvariantCulture));

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

    public Task<LongWork> Lasted() => Task.FromResult(_lasted);
}
