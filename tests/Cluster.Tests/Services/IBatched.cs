using System.Diagnostics;
using Orrery.Rpc;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Security;

namespace Orrery.Cluster.Tests.Services;

/// <summary>A service with room for four calls at once on a node, for calls that come many at a time.</summary>
[Service(MaxRunning = 4)]
public interface ICrowded : IService
{
    /// <summary>Ends when the service is as full as it can be on both workers.</summary>
    [ServiceMethod(Public = true)]
    Task Crowd();

    /// <summary>Runs until the test says so.</summary>
    [ServiceMethod(Public = true)]
    Task Hold();
}

/// <summary>A service for calls that come many at a time.</summary>
public interface IBatched : IService
{
    [ServiceMethod(Public = true)]
    Task<string> Where();

    [ServiceMethod(Public = true)]
    Task<int> Add(int one, int other);

    [ServiceMethod(Public = true)]
    Task Refuse(string message);

    [ServiceMethod(Public = true)]
    Task Break();

    /// <summary>Runs until the test says so.</summary>
    [ServiceMethod(Public = true)]
    Task Hang(string name);

    /// <summary>Keeps the service busy for a while.</summary>
    [ServiceMethod(Public = true)]
    Task Toil();

    [ServiceMethod(Public = true)]
    Task<string> Repeat(string text);

    /// <summary>How often it did.</summary>
    [ServiceMethod(Public = true)]
    Task<int> Toiled();

    /// <summary>Who it is for, and whether there is a deadline.</summary>
    [ServiceMethod(Public = true)]
    Task<string> ForWhom();
}

internal sealed class BatchedGrain(LocalNode node, Signals signals) : Grain, IBatched
{
    private static readonly TimeSpan Toiling = TimeSpan.FromMilliseconds(3);

    private int _toiled;

    public Task<string> Where() => Task.FromResult(node.NodeId);

    public Task<int> Add(int one, int other) => Task.FromResult(one + other);

    public Task Refuse(string message) => throw new RpcException(1234, message);

    public Task Break() => throw new InvalidOperationException("secret");

    public Task Hang(string name) => signals.Seen($"{name} may end");

    public Task Toil()
    {
        signals.Set("toil");
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < Toiling)
        {
        }

        _toiled++;
        return Task.CompletedTask;
    }

    public Task<string> Repeat(string text) => Task.FromResult(text);

    public Task<int> Toiled() => Task.FromResult(_toiled);

    public async Task<string> ForWhom()
    {
        await Task.Yield();
        return $"{Caller.Current} {(CallScope.Remaining > TimeSpan.Zero ? "true" : "false")}";
    }
}

internal sealed class CrowdedGrain(Signals signals) : Grain, ICrowded
{
    public async Task Crowd()
    {
        signals.Count("crowd");
        await signals.Seen("crowd 8");
    }

    public Task Hold() => signals.Seen("held may end");
}
