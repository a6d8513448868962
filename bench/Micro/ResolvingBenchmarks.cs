using BenchmarkDotNet.Attributes;
using Orrery.Rpc.Routing;
using Orrery.Simulation;

namespace Orrery.Micro;

/// <summary>The choice of the node, from the text of an address.</summary>
[MemoryDiagnoser]
public class ResolvingBenchmarks
{
    private Router _router = null!;

    /// <summary>3 nodes host 5 services, all of them the same; of 1,000, each hosts 20 of 200.</summary>
    [Params(3, 1_000)]
    public int Nodes { get; set; }

    [GlobalSetup]
    public void Start() =>
        _router = new Router(new SimulatedCluster(Nodes == 3 ? new SimulatedNodes(Nodes, roles: 1, services: 5) : new SimulatedNodes(Nodes, roles: 10, services: 200)).Registry);

    [Benchmark(Description = "resolve for any node")]
    public bool AnyNode() => _router.Resolve("service_0/say", caller: null, out _) is null;

    [Benchmark(Description = "resolve for a role")]
    public bool Role() => _router.Resolve("service_0/role-0/say", caller: null, out _) is null;

    [Benchmark(Description = "resolve for a node id")]
    public bool NodeId() => _router.Resolve("service_0/node-0/say", caller: null, out _) is null;
}
