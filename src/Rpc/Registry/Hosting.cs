using System.Collections.Immutable;
using Orrery.Rpc.Lifecycle;

namespace Orrery.Rpc.Registry;

/// <summary>What of a node the routes to its services are made of, besides its card.</summary>
/// <param name="TakesCalls">Whether calls can be sent there.</param>
/// <param name="Status">Where it is in its life.</param>
/// <param name="Conditions">What it says of its services, where that is not simply that all is well.</param>
internal readonly record struct Hosting(bool TakesCalls, NodeStatus Status, ImmutableDictionary<string, ServiceCondition> Conditions)
{
    public ServiceCondition ConditionOf(string service) => Conditions.IsEmpty ? ServiceCondition.Well : Conditions.GetValueOrDefault(service, ServiceCondition.Well);
}
