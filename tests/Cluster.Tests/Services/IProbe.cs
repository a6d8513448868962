using Orrery.Rpc;

namespace Orrery.Cluster.Tests.Services;

/// <summary>A service that tells where it ran and does whatever a test wants to see.</summary>
public interface IProbe : IService
{
    Task<string> Where();

    Task<Order> Price(Order order, decimal perItem = 2.5m);

    Task Refuse(string message);

    Task Break();

    Task<bool> Wait(string name, CancellationToken cancellationToken);

    ValueTask Nothing();

    ValueTask<int> Increment();

    Task<string> CallBack(string nodeId);

    IAsyncEnumerable<string> Steps(int count);
}

/// <summary>Data without any attribute: it must travel all the same.</summary>
public sealed record Order(string Item, int Count, decimal? Total, IReadOnlyList<string> Notes, DateTimeOffset At);

[Service(Roles = ["coordinator"])]
public interface IOnlyOnCoordinators : IService
{
    Task<string> Where();
}

[Service(Roles = ["worker"])]
public interface IOnlyOnWorkers : IService
{
    Task<string> Where();
}
