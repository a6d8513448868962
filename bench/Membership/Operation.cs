namespace Orrery.Membership;

/// <summary>What is measured: one call of the provider on a cluster.</summary>
/// <param name="Order">Where its lines are in the table.</param>
/// <param name="Name">What the table calls it.</param>
/// <param name="Cluster">The cluster it is called on.</param>
/// <param name="RunAsync">The call, by the caller with this number.</param>
internal sealed record Operation(int Order, string Name, Cluster Cluster, Func<int, CancellationToken, Task> RunAsync)
{
    /// <summary>What makes the call possible again; not measured.</summary>
    public Func<CancellationToken, Task>? UndoAsync { get; init; }

    /// <summary>Whether many nodes do it at once: writes with a version are refused to all but one.</summary>
    public bool IsForMany { get; init; }

    public static IEnumerable<Operation> All(Cluster cluster) =>
    [
        new(1, "read all", cluster, (_, token) => cluster.Table.ReadAllAsync(token)) { IsForMany = true },
        new(2, "read one", cluster, (caller, token) => cluster.Table.ReadRowAsync(Cluster.Member(caller).SiloAddress, token)),
        new(3, "insert", cluster, (_, token) => cluster.InsertAsync(cluster.Size, token)) { UndoAsync = token => cluster.RemoveAsync(cluster.Size, token) },
        new(4, "update", cluster, cluster.UpdateAsync),
        new(5, "heartbeat", cluster, (caller, token) => cluster.Table.UpdateIAmAliveAsync(Cluster.Member(caller), token)) { IsForMany = true },
        new(6, "list of gateways", cluster, (_, token) => cluster.Gateways.GetGatewaysAsync(token)),
    ];
}
