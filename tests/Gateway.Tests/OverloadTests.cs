using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orrery.Gateway.Tests.Cluster;
using Orrery.Gateway.Tests.Wire;
using Orrery.Rpc.Invocation;

namespace Orrery.Gateway.Tests;

public sealed class OverloadTests
{
    [Fact]
    public async Task A_gateway_has_so_many_calls_on_their_way_and_refuses_more_at_once()
    {
        await using var gateway = await GatewayNode.StartAsync(node => node.Silo.Services.Configure<CallsOptions>(options => options.MaxFromOutside = 2));
        var holder = new RpcClient(gateway.Address);
        var held = new[] { holder.CallAsync("trouble/wait", "[\"one\"]"), holder.CallAsync("trouble/wait", "[\"other\"]") };
        await gateway.Scope.Signals.Seen("one started");
        await gateway.Scope.Signals.Seen("other started");

        var refused = await gateway.Client.CallAsync("calculator/sum", "[1,2]");

        refused.Is(HttpStatusCode.OK, -32006, "overloaded");
        Assert.Equal(("no", true), (refused.Executed, refused.Retryable));
        Assert.True(refused.Data.GetProperty("retry_after_ms").GetInt32() > 0);
        // What one looks after the cluster with answers all the same.
        Assert.Equal(1, (await gateway.Client.CallAsync("registry/list_nodes")).Result.GetArrayLength());

        // The callers hang up, and there is room.
        holder.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => Task.WhenAll(held));
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await gateway.Client.CallAsync("calculator/sum", "[1,2]")).Json.TryGetProperty("error", out _))
        {
            await interval.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
