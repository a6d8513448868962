using Orrery.Rpc;

namespace Orrery.Gateway.Tests.Services;

/// <summary>Methods that not every caller may call, and that tell who asked.</summary>
[Service("guarded")]
public interface IGuarded : IService
{
    [ServiceMethod(Public = true, Anonymous = true)]
    Task<string?> Open();

    [ServiceMethod(Public = true)]
    Task<string?> Plain();

    [ServiceMethod(Public = true, Permission = "orders/cancel")]
    Task<string?> Cancel();

    [ServiceMethod(Public = true, Permission = "orders/ship")]
    Task<string?> Ship();

    Task<string?> Inside();

    /// <summary>Says who asks: here, and on the given nodes, each asked by the one before it, typed and by address in turn.</summary>
    [ServiceMethod(Public = true)]
    Task<IReadOnlyList<string?>> WhoAsks(IReadOnlyList<string> nodes);

    /// <summary>Says who asks after the call has ended.</summary>
    [ServiceMethod(Public = true)]
    Task WhoAsksLater();

    [ServiceMethod(Public = true)]
    Task<string?> WhoAskedLater();
}
