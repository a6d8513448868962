using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Runtime.Membership;
using Orleans.Runtime.MembershipService;
using Orrery.Tests;

namespace Orrery.Membership;

/// <summary>The membership of a cluster with so many rows, through the providers that nodes and clients use.</summary>
internal sealed class Cluster
{
    private static readonly DateTime Started = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly string _id;
    private readonly TestDatabase _database;
    private int _version;

    private Cluster(TestDatabase database, int size)
    {
        _id = $"{size}";
        _database = database;
        Size = size;
        var services = new ServiceCollection().BuildServiceProvider();
        var options = Options.Create(new ClusterOptions { ClusterId = _id });
        Table = new AdoNetClusteringTable(
            services,
            options,
            Options.Create(new AdoNetClusteringSiloOptions { Invariant = "Npgsql", DataSource = database.Source }),
            NullLogger<AdoNetClusteringTable>.Instance);
        Gateways = new AdoNetGatewayListProvider(
            NullLogger<AdoNetGatewayListProvider>.Instance,
            services,
            Options.Create(new AdoNetClusteringClientOptions { Invariant = "Npgsql", DataSource = database.Source }),
            Options.Create(new GatewayOptions()),
            options);
    }

    public int Size { get; }

    public AdoNetClusteringTable Table { get; }

    public AdoNetGatewayListProvider Gateways { get; }

    public static async Task<Cluster> FillAsync(TestDatabase database, int size, CancellationToken cancellationToken)
    {
        var cluster = new Cluster(database, size);
        await cluster.Table.InitializeMembershipTableAsync(true, cancellationToken);
        await cluster.Gateways.InitializeGatewayListProviderAsync(cancellationToken);
        for (var i = 0; i < size; i++)
        {
            await cluster.InsertAsync(i, cancellationToken);
        }

        return cluster;
    }

    public static MembershipEntry Member(int index) => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Loopback, index + 1, generation: 1),
        SiloName = $"worker-{index}",
        HostName = $"host-{index}",
        Status = SiloStatus.Active,
        ProxyPort = 30000,
        StartTime = Started,
        IAmAliveTime = Started,
    };

    public async Task InsertAsync(int index, CancellationToken cancellationToken) =>
        Written(await Table.InsertRowAsync(Member(index), Next(), cancellationToken));

    public async Task UpdateAsync(int index, CancellationToken cancellationToken) =>
        Written(await Table.UpdateRowAsync(Member(index), $"{_version}", Next(), cancellationToken));

    /// <summary>Takes a member out, without a trace in the version.</summary>
    public Task RemoveAsync(int index, CancellationToken cancellationToken) =>
        _database.ExecuteAsync($"DELETE FROM orrery_member WHERE cluster_id = '{_id}' AND port = {index + 1}", cancellationToken);

    // One caller writes, so it knows the version without reading it.
    private TableVersion Next() => new(_version + 1, $"{_version}");

    private void Written(bool success) =>
        _version += success ? 1 : throw new InvalidOperationException("A write was refused that nothing stood against.");
}
