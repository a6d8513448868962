using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime.Membership;
using Orleans.Runtime.MembershipService;
using Orrery.Tests;

namespace Orrery.Database.Tests.Membership;

/// <summary>The membership of one cluster, through the provider that nodes use.</summary>
internal sealed class TestCluster
{
    private static readonly IServiceProvider NoServices = new ServiceCollection().BuildServiceProvider();

    private readonly IOptions<ClusterOptions> _options;
    private readonly AdoNetClusteringTable _table;

    public TestCluster(TestDatabase database, string? id = null)
    {
        Database = database;
        Id = id ?? $"{Guid.NewGuid():N}";
        _options = Options.Create(new ClusterOptions { ClusterId = Id });
        _table = new AdoNetClusteringTable(
            NoServices,
            _options,
            Options.Create(new AdoNetClusteringSiloOptions { Invariant = "Npgsql", DataSource = database.Source }),
            NullLogger<AdoNetClusteringTable>.Instance);
    }

    public TestDatabase Database { get; }

    public string Id { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<TestCluster> StartAsync(TestDatabase database, string? id = null)
    {
        var cluster = new TestCluster(database, id);
        await cluster._table.InitializeMembershipTableAsync(tryInitTableVersion: true, Token);
        return cluster;
    }

    public Task<MembershipTableData> ReadAllAsync() => _table.ReadAllAsync(Token);

    /// <summary>All that the table says, a line each: the version, then the members.</summary>
    public async Task<string[]> ContentAsync() => Members.Text(await ReadAllAsync());

    public async Task<string[]> ContentAsync(SiloAddress address) => Members.Text(await _table.ReadRowAsync(address, Token));

    /// <summary>The version as it is now, made ready to write the next one.</summary>
    public async Task<TableVersion> NextAsync() => (await ReadAllAsync()).Version.Next();

    public Task<bool> InsertAsync(MembershipEntry member, TableVersion next) => _table.InsertRowAsync(member, next, Token);

    /// <summary>Inserts members that are not there yet.</summary>
    public async Task AddAsync(params MembershipEntry[] members)
    {
        foreach (var member in members)
        {
            Assert.True(await InsertAsync(member, await NextAsync()));
        }
    }

    // The provider gives every row the version of the table as its etag.
    public Task<bool> UpdateAsync(MembershipEntry member, TableVersion next) => _table.UpdateRowAsync(member, etag: next.VersionEtag, next, Token);

    public Task HeartbeatAsync(MembershipEntry member) => _table.UpdateIAmAliveAsync(member, Token);

    public Task CleanUpAsync(DateTimeOffset before) => _table.CleanupDefunctSiloEntriesAsync(before, Token);

    public Task DeleteAsync() => _table.DeleteMembershipTableEntriesAsync(Id, Token);

    public async Task<IList<Uri>> GatewaysAsync()
    {
        var list = new AdoNetGatewayListProvider(
            NullLogger<AdoNetGatewayListProvider>.Instance,
            NoServices,
            Options.Create(new AdoNetClusteringClientOptions { Invariant = "Npgsql", DataSource = Database.Source }),
            Options.Create(new GatewayOptions()),
            _options);
        await list.InitializeGatewayListProviderAsync(Token);
        return await list.GetGatewaysAsync(Token);
    }
}
