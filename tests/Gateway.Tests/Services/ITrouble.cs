using Orrery.Rpc;

namespace Orrery.Gateway.Tests.Services;

/// <summary>Everything that a method can do besides giving a plain answer.</summary>
public interface ITrouble : IService
{
    [ServiceMethod(Public = true)]
    Task Refuse(string message);

    [ServiceMethod(Public = true)]
    Task RefuseWithCode(int code, string message, string hint);

    [ServiceMethod(Public = true)]
    Task RefuseParameter(int value);

    [ServiceMethod(Public = true)]
    Task Break(string secret);

    [ServiceMethod(Public = true)]
    Task BreakLater(string secret);

    [ServiceMethod(Public = true)]
    Task<string> CallUnknownNode();

    [ServiceMethod(Public = true)]
    Task Signal(string name);

    [ServiceMethod(Public = true)]
    Task SignalAfter(string name, string other);

    [ServiceMethod(Public = true)]
    Task WaitFor(string name);

    [ServiceMethod(Public = true)]
    Task Wait(string name, CancellationToken cancellationToken);

    [ServiceMethod(Public = true)]
    ValueTask Nothing();

    [ServiceMethod(Public = true)]
    Task<string?> Null();

    [ServiceMethod(Public = true)]
    Task<string> Big(int length);

    [ServiceMethod(Public = true)]
    Task<int> Count(string name, bool refuse = false, string? after = null);

    [ServiceMethod]
    Task Private();
}

/// <summary>Never starts.</summary>
public interface IFragile : IService
{
    [ServiceMethod(Public = true)]
    Task Touch();
}

/// <summary>Hosted by gateways only.</summary>
[Service("edge", Roles = ["gateway"])]
public interface IEdge : IService
{
    [ServiceMethod(Public = true)]
    Task<string> Where();
}

/// <summary>Hosted by a node that comes and goes.</summary>
[Service("visit", Roles = ["visitor"])]
public interface IVisit : IService
{
    [ServiceMethod(Public = true)]
    Task<string> Where();
}

/// <summary>The methods of the examples of the JSON-RPC specification that the calculator has not.</summary>
public interface ISpecification : IService
{
    [ServiceMethod(Public = true)]
    Task Update(params int[] values);

    [ServiceMethod(Public = true)]
    Task NotifyHello(int value);

    [ServiceMethod(Public = true)]
    Task NotifySum(params int[] values);

    [ServiceMethod(Public = true)]
    Task<RawJson> GetData();
}
