namespace Orrery.Cluster.Tests.InProcess;

/// <summary>A coordinator and two workers.</summary>
public sealed class ThreeNodes : IAsyncLifetime
{
    private readonly List<TestNode> _nodes = [];

    public ClusterPorts Ports { get; } = new();

    public TestNode Coordinator => _nodes[0];

    public TestNode Worker => _nodes[1];

    public async ValueTask InitializeAsync()
    {
        _nodes.Add(await TestNode.StartAsync(Ports, "coordinator-1", "coordinator", isSeed: true));
        _nodes.Add(await TestNode.StartAsync(Ports, "worker-1", "worker"));
        _nodes.Add(await TestNode.StartAsync(Ports, "worker-2", "worker"));
        foreach (var node in _nodes)
        {
            await node.SeesAsync("coordinator-1", "worker-1", "worker-2");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Enumerable.Reverse(_nodes))
        {
            await node.DisposeAsync();
        }
    }
}
