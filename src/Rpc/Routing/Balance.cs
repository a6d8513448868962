using System.Diagnostics;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Routing;

/// <summary>Chooses among the instances that a call may go to.</summary>
internal static class Balance
{
    // Of nodes that differ by chance only, the one that was drawn first is as good: else one of them would get all calls
    // while there are few.
    private const double ClearlyBetter = 1.25;

    /// <summary>
    /// Gives the better of two at random, which comes close to the best of all without looking at all; null when there is
    /// none.
    /// </summary>
    public static ServiceInstance? Choose(ServiceInstance[] candidates)
    {
        switch (candidates.Length)
        {
            case 0:
                return null;
            case 1:
                return candidates[0];
            default:
                var first = Random.Shared.Next(candidates.Length);
                var second = Random.Shared.Next(candidates.Length - 1);
                second = second < first ? second : second + 1;
                var now = Stopwatch.GetTimestamp();
                var best = Better(candidates[first], candidates[second], now);
                return IsToBeAvoided(best, now) ? FirstGood(candidates, now) ?? best : best;
        }
    }

    /// <summary>Gives a candidate that is none of those; null when there is none.</summary>
    public static ServiceInstance? ChooseOther(ServiceInstance[] candidates, IReadOnlyCollection<ServiceInstance> tried) =>
        Choose(Array.FindAll(candidates, candidate => tried.All(instance => instance.Node.NodeId != candidate.Node.NodeId)));

    // Apart, because a lambda that keeps the time would be an object for every call.
    private static ServiceInstance? FirstGood(ServiceInstance[] candidates, long now) => Array.Find(candidates, candidate => !IsToBeAvoided(candidate, now));

    private static ServiceInstance Better(ServiceInstance one, ServiceInstance other, long now)
    {
        var isOneAvoided = IsToBeAvoided(one, now);
        if (isOneAvoided != IsToBeAvoided(other, now))
        {
            return isOneAvoided ? other : one;
        }

        var (latency, otherLatency) = (one.Load.Latency(now), other.Load.Latency(now));
        // One that has not been measured yet gets as many calls at a time as the other, and no more.
        if (latency == 0 || otherLatency == 0)
        {
            latency = otherLatency = 1;
        }

        return (one.Load.CallsInFlight + 1) * latency <= ClearlyBetter * (other.Load.CallsInFlight + 1) * otherLatency ? one : other;
    }

    private static bool IsToBeAvoided(ServiceInstance instance, long now) => instance.Load.IsToBeAvoided(now) || instance.Circuit.IsOpen(instance.Load.CallsInFlight);
}
