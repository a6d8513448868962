using Orleans.Runtime;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Security;

namespace Orrery.Grains.OrchestratorService;

/// <summary>
/// Who asked for what a grain does: the first one in the chain of calls, which a grain that passes an order on passes on
/// with it. Callers outside are known by the node that they came through, and by who they are when they had to say it.
/// </summary>
internal static class Asker
{
    private const string Key = "orrery.asked_by";

    /// <summary>The one who asked for the present call.</summary>
    public static string Current
    {
        get
        {
            var name = RequestContext.Get(Key) as string ?? "nobody known";
            return Caller.Current is { } caller && caller.Id != Caller.Unknown.Id ? $"'{caller}' ({name})" : name;
        }
    }

    /// <summary>Takes note of the caller, for a grain that is its own filter, and goes on with the call.</summary>
    public static Task Note(IIncomingGrainCallContext context, NodeRegistry registry)
    {
        if (RequestContext.Get(Key) is null && context.SourceId is { } source)
        {
            RequestContext.Set(Key, NameOf(source, registry));
        }

        return context.Invoke();
    }

    private static string NameOf(GrainId source, NodeRegistry registry)
    {
        var type = source.Type.ToString()!;
        var key = source.Key.ToString()!;
        if (type.StartsWith("svc.", StringComparison.Ordinal))
        {
            return $"{type[4..]} on {key}";
        }

        // What is no grain calls as the client that each node has in it.
        return registry.Nodes.FirstOrDefault(node => key.Contains($"{node.Address}:{node.Port}@", StringComparison.Ordinal)) is { } node
            ? $"a caller through {node.NodeId}"
            : $"a client program ({key})";
    }
}
