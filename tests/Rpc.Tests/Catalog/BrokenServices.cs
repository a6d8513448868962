// Contracts that break the rules, for the tests that say so. CA1707 and friends do not apply to them.
namespace Orrery.Rpc.Tests.Catalog;

[Service("same_name")]
public interface IFirst : IService;

public sealed class FirstGrain : Grain, IFirst;

[Service("same_name")]
public interface ISecond : IService;

public sealed class SecondGrain : Grain, ISecond;

public interface IOverloaded : IService
{
    Task Do(int number);

    Task Do(string text);
}

public sealed class OverloadedGrain : Grain, IOverloaded
{
    public Task Do(int number) => Task.CompletedTask;

    public Task Do(string text) => Task.CompletedTask;
}

public interface ITakesADelegate : IService
{
    Task Run(Action action);
}

public sealed class TakesADelegateGrain : Grain, ITakesADelegate
{
    public Task Run(Action action) => Task.CompletedTask;
}

public sealed record Envelope(string Title, Stream Body);

public interface ITakesAStreamInside : IService
{
    Task Send(IReadOnlyList<Envelope> envelopes);
}

public sealed class TakesAStreamInsideGrain : Grain, ITakesAStreamInside
{
    public Task Send(IReadOnlyList<Envelope> envelopes) => Task.CompletedTask;
}

public abstract class Shape;

public interface ITakesAnAbstractType : IService
{
    Task Draw(Shape shape);
}

public sealed class TakesAnAbstractTypeGrain : Grain, ITakesAnAbstractType
{
    public Task Draw(Shape shape) => Task.CompletedTask;
}

[Service("Not-Snake")]
public interface IBadName : IService;

public sealed class BadNameGrain : Grain, IBadName;

[Service(Roles = ["no such role"])]
public interface IBadRole : IService;

public sealed class BadRoleGrain : Grain, IBadRole;

public interface ISameParameters : IService
{
    Task Do(int workerId, int worker_id);
}

public sealed class SameParametersGrain : Grain, ISameParameters
{
    public Task Do(int workerId, int worker_id) => Task.CompletedTask;
}

public interface IStreams : IService
{
    [ServiceMethod(Public = true)]
    IAsyncEnumerable<int> Count();
}

public sealed class StreamsGrain : Grain, IStreams
{
    public IAsyncEnumerable<int> Count() => AsyncEnumerable.Empty<int>();
}

public interface ITwo : IService;

public sealed class TwoContractsGrain : Grain, IFirst, ITwo;

[Orleans.Placement.RandomPlacement]
public sealed class PlacedElsewhereGrain : Grain, ITwo;

public interface IGuardedInside : IService
{
    [ServiceMethod(Permission = "orders/cancel")]
    Task Do();
}

public sealed class GuardedInsideGrain : Grain, IGuardedInside
{
    public Task Do() => Task.CompletedTask;
}

public interface IGuardedForNobody : IService
{
    [ServiceMethod(Public = true, Permission = "orders/cancel", Anonymous = true)]
    Task Do();
}

public sealed class GuardedForNobodyGrain : Grain, IGuardedForNobody
{
    public Task Do() => Task.CompletedTask;
}

public interface IGuardedByAPattern : IService
{
    [ServiceMethod(Public = true, Permission = "orders/*")]
    Task Do();
}

public sealed class GuardedByAPatternGrain : Grain, IGuardedByAPattern
{
    public Task Do() => Task.CompletedTask;
}
