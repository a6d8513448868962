using System.Diagnostics;
using Orrery.Rpc.Addressing;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Routing;

/// <summary>Says where a call would go, for people. Calls themselves go by <see cref="Router"/>.</summary>
internal sealed class RouteExplanation(RegistrySnapshot snapshot, Router router)
{
    public Resolution Explain(string text)
    {
        var error = router.Resolve(text, caller: null, out var route);
        if (!Address.TryParse(text, out var address) || snapshot.Service(address.Service) is not { } service || service.Method(address.Method) is not { } method)
        {
            return new Resolution(text, null, null, null, [], [], error);
        }

        var target = address.Target.ToString();
        var kind = KindOf(target, out var role);
        var candidates = kind switch
        {
            TargetKind.AnyNode => method.Routes.Local is { } local ? [local] : method.Routes.Instances,
            TargetKind.Role => method.Routes.OfRole(target),
            TargetKind.AllNodes => method.Routes.AllOfRole(role),
            _ => method.Routes.OnNode(target) is { Condition.IsStopped: false } instance ? [instance] : [],
        };
        return new Resolution(
            text,
            kind,
            error is null && kind is not TargetKind.AllNodes ? route.Instance.Node.NodeId : null,
            error is null ? Why(kind, method.Routes, candidates, target) : null,
            [.. candidates.OrderBy(instance => instance.Node.NodeId, StringComparer.Ordinal).Select(instance => new Candidate(instance.Node.NodeId, instance.Load.CallsInFlight, Milliseconds(instance), instance.Circuit.State))],
            [.. snapshot.Entries.Except(candidates.Select(instance => instance.Node)).Select(node => new ExcludedNode(node.NodeId, WhyNot(node, service, method, kind, kind is TargetKind.AllNodes ? role : target)))],
            error);
    }

    private TargetKind KindOf(string target, out string role)
    {
        if (FanOut.TryParse(target, out var all))
        {
            role = all.ToString();
            return TargetKind.AllNodes;
        }

        role = target;
        return target.Length == 0 ? TargetKind.AnyNode : snapshot.IsRole(target) ? TargetKind.Role : TargetKind.Node;
    }

    private static string Why(TargetKind kind, TargetRoutes routes, ServiceInstance[] candidates, string target) => kind switch
    {
        TargetKind.AllNodes => "it goes to all candidates",
        TargetKind.Node => "it goes to the node that the address names, and to no other",
        TargetKind.AnyNode when routes.Local is not null => "this node hosts the service",
        TargetKind.Role when routes.AllOfRole(target).Length > candidates.Length => $"'{target}' is a stable role: the node of it that has run longest gets every call",
        _ when candidates.Length == 1 => "it is the only candidate",
        _ => "of two candidates at random, the one with fewer calls in flight, weighted by how long its calls have taken lately",
    };

    private static double? Milliseconds(ServiceInstance instance) =>
        instance.Load.Latency(Stopwatch.GetTimestamp()) is var latency and > 0 ? Math.Round(latency * 1000 / Stopwatch.Frequency, 3) : null;

    private static string WhyNot(NodeEntry node, ServiceRoutes service, ServiceMethod method, TargetKind kind, string role)
    {
        if (node.Status is not NodeStatus.Alive)
        {
            return $"it is {node.Status.ToString().ToLowerInvariant()}";
        }

        if (service.OnNode(node.NodeId) is not { } instance)
        {
            return "it does not host the service";
        }

        if (method.Routes.OnNode(node.NodeId) is null)
        {
            return $"its version of the service has no method '{method.Description.Name}'";
        }

        if (kind is TargetKind.Node)
        {
            return "the address names another node";
        }

        if (!instance.Condition.TakesCalls)
        {
            return $"the service is {instance.Condition.Status.ToString().ToLowerInvariant()} there: {instance.Condition.Reason}";
        }

        if (role.Length > 0 && !node.Card!.Roles.Contains(role))
        {
            return $"it does not have the role '{role}'";
        }

        return kind switch
        {
            TargetKind.AnyNode => "the node that calls hosts the service itself",
            _ when node.Card!.StandsIn && method.Routes.AllOfRole(role).All(candidate => candidate != instance) => $"it has the role '{role}' only while no other node has it",
            _ => "another node of this stable role has run longer",
        };
    }
}
