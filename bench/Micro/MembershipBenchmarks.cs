using BenchmarkDotNet.Attributes;
using Orleans.Runtime;
using Orrery.Simulation;

namespace Orrery.Micro;

/// <summary>What a change of the membership costs each node of 1,000: it makes its next registry.</summary>
[MemoryDiagnoser]
public class MembershipBenchmarks
{
    private const int Node = 500;

    private SimulatedCluster _cluster = null!;

    /// <summary>With 10, a node hosts 20 of the 200 services; with one, all.</summary>
    [Params(10, 1)]
    public int Roles { get; set; }

    [GlobalSetup]
    public void Start() => _cluster = new SimulatedCluster(new SimulatedNodes(nodes: 1_000, Roles, services: 200));

    [Benchmark(Description = "a node drains, leaves, joins: each change", OperationsPerInvoke = 3)]
    public void DrainLeaveJoin()
    {
        var silo = SimulatedNodes.Silo(Node);
        _cluster.Set(silo, SimulatedNodes.NodeId(Node), SiloStatus.ShuttingDown);
        _cluster.Set(silo, SimulatedNodes.NodeId(Node), SiloStatus.Dead);
        _cluster.Set(silo, SimulatedNodes.NodeId(Node), SiloStatus.Active);
    }
}
