using Npgsql;

namespace Orrery.Rpc.Database;

/// <summary>
/// The connections to the database: one pool for the cluster's membership and one for the state of services, so that a
/// rush of state can't hold up the membership.
/// </summary>
internal sealed class DatabaseSources(DatabaseSettings settings) : IAsyncDisposable, IDisposable
{
    /// <summary>What Orleans calls the provider.</summary>
    public const string Invariant = "Npgsql";

    private const int MembershipConnections = 4;

    public NpgsqlDataSource Membership { get; } = NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(settings.Connection.ConnectionString) { MinPoolSize = 0, MaxPoolSize = MembershipConnections });

    public NpgsqlDataSource State { get; } = NpgsqlDataSource.Create(settings.Connection);

    public async ValueTask DisposeAsync()
    {
        await Membership.DisposeAsync();
        await State.DisposeAsync();
    }

    public void Dispose()
    {
        Membership.Dispose();
        State.Dispose();
    }
}
