using Orrery.Rpc;

namespace Orrery.Gateway.Tests.Services;

/// <summary>Fails, or takes its time, in each way a service can.</summary>
public interface ITrouble : IService
{
    [ServiceMethod(Public = true)]
    Task<object[]> GetData();

    [ServiceMethod(Public = true)]
    Task Refuse();

    [ServiceMethod(Public = true)]
    Task RefuseWithCode(int code);

    [ServiceMethod(Public = true)]
    Task RefuseParameter(int amount);

    [ServiceMethod(Public = true)]
    Task Break();

    [ServiceMethod(Public = true)]
    Task<double> NotANumber();

    [ServiceMethod(Public = true)]
    Task<string> Nested(string address);

    [ServiceMethod(Public = true)]
    Task Never();

    [ServiceMethod(Public = true)]
    Task WaitUntilCancelled(string name, CancellationToken cancellationToken);

    [ServiceMethod(Public = true)]
    Task<string> Repeat(string text, int times);

    Task Secret();
}

/// <summary>A service that can't be started.</summary>
public interface IStillborn : IService
{
    [ServiceMethod(Public = true)]
    Task Live();
}

[Service(Roles = ["worker"])]
public interface IOnWorkers : IService
{
    [ServiceMethod(Public = true)]
    Task<string> Where();
}
