using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orrery.Gateway.Tests.Cluster;
using Orrery.Rpc.Invocation;

namespace Orrery.Gateway.Tests;

public sealed class OverloadTests
{
    [Fact]
    public async Task A_gateway_has_so_many_calls_on_their_way_and_refuses_more_at_once()
    {
        await using var gateway = await GatewayNode.StartAsync(node => node.Silo.Services.Configure<CallsOptions>(options => options.MaxFromOutside = 2));
        const string Hold = """{"jsonrpc":"2.0","method":"trouble/wait_for","params":["room"],"id":1}""";
        var held = new[] { gateway.Client.PostAsync(Hold), gateway.Client.PostAsync(Hold) };
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var refused = await gateway.Client.CallAsync("calculator/sum", "[1,2]");
        while (refused.Json.TryGetProperty("result", out _))
        {
            await interval.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            refused = await gateway.Client.CallAsync("calculator/sum", "[1,2]");
        }

        refused.Is(HttpStatusCode.OK, -32006, "overloaded");
        Assert.Equal(("no", true), (refused.Executed, refused.Retryable));
        Assert.True(refused.Data.GetProperty("retry_after_ms").GetInt32() > 0);
        // What one looks after the cluster with answers all the same.
        Assert.Equal(1, (await gateway.Client.CallAsync("registry/list_nodes")).Result.GetArrayLength());

        gateway.Scope.Signals.Set("room");
        await Task.WhenAll(held);
        Assert.Equal(3, (await gateway.Client.CallAsync("calculator/sum", "[1,2]")).Result.GetInt32());
    }
}
