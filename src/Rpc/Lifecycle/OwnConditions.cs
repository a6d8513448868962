using System.Collections.Immutable;
using Orleans.Runtime;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Lifecycle;

/// <summary>What this node says of its services, and up to where the others have heard it.</summary>
internal sealed class OwnConditions(SiloAddress silo, NodeRegistry registry, TimeProvider time)
{
    private static readonly TimeSpan HearingTakesAtMost = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private volatile NodeConditions _current = new(silo, 0, []);
    private TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _heardVersion;

    /// <summary>What is said now.</summary>
    public NodeConditions Current => _current;

    /// <summary>Says how the services are, if that has changed. What is well is not said.</summary>
    public void Publish(IEnumerable<ServiceHost> hosts)
    {
        lock (_lock)
        {
            var conditions = hosts
                .Select(host => (host.Description.Name, host.Condition))
                .Where(service => service.Condition != ServiceCondition.Well)
                .ToImmutableDictionary(service => service.Name, service => service.Condition);
            if (!SameAs(_current.Services, conditions))
            {
                _current = _current with { Version = _current.Version + 1, Services = conditions };
                registry.Accept(_current);
            }
        }
    }

    /// <summary>Says that this node was told to stop.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _current = _current with { Version = _current.Version + 1, IsLeaving = true };
            registry.Accept(_current);
        }
    }

    /// <summary>Takes note that every live node has heard of the conditions up to a version.</summary>
    public void Heard(long version)
    {
        lock (_lock)
        {
            _heardVersion = Math.Max(_heardVersion, version);
            _heard.SetResult();
            _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Waits until every live node has heard of what is said now, or half a second.</summary>
    public async Task EverybodyHearsAsync()
    {
        var version = _current.Version;
        var end = Task.Delay(HearingTakesAtMost, time);
        while (!end.IsCompleted)
        {
            Task heard;
            lock (_lock)
            {
                if (_heardVersion >= version)
                {
                    return;
                }

                heard = _heard.Task;
            }

            await Task.WhenAny(heard, end);
        }
    }

    private static bool SameAs(ImmutableDictionary<string, ServiceCondition> one, ImmutableDictionary<string, ServiceCondition> other) =>
        one.Count == other.Count && one.All(service => other.TryGetValue(service.Key, out var condition) && condition == service.Value);
}
