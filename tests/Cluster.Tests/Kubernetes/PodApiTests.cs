using Microsoft.Extensions.Time.Testing;
using Orrery.Kubernetes;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Kubernetes;

public sealed class PodApiTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_API_is_trusted_by_the_authority_that_is_named_and_under_its_own_name()
    {
        using var authority = new TestAuthority();
        using var other = new TestAuthority("Another authority");
        using var right = authority.Issue(["127.0.0.1"]);
        using var wrong = authority.Issue(["192.0.2.1"]);
        await using var api = await KubernetesApi.StartAsync(right);
        await using var impostor = await KubernetesApi.StartAsync(wrong);
        var token = authority.Write("token", "node-1");

        using (var client = Client(api.Address, token, authority.File))
        {
            Assert.Empty((await client.ListAsync(Cancelled)).Pods);
        }

        foreach (var (address, authorities) in new[] { (impostor.Address, authority.File), (api.Address, other.File), (api.Address, null) })
        {
            using var client = Client(address, token, authorities);
            await Assert.ThrowsAsync<HttpRequestException>(() => client.ListAsync(Cancelled));
        }

        Assert.Empty(impostor.Calls);
    }

    [Fact]
    public async Task A_token_that_was_replaced_is_used()
    {
        using var authority = new TestAuthority();
        await using var api = await KubernetesApi.StartAsync();
        var token = authority.Write("token", "old\n");
        using var old = Client(api.Address, token, null);
        await old.ListAsync(Cancelled);

        authority.Write("token", "new\n");
        api.Callers = ["new"];
        using var client = Client(api.Address, token, null);

        await client.ListAsync(Cancelled);
    }

    [Fact]
    public async Task A_pod_is_missing_only_when_Kubernetes_itself_says_so()
    {
        using var authority = new TestAuthority();
        await using var api = await KubernetesApi.StartAsync();
        using var client = Client(api.Address, authority.Write("token", "node-1"), null);
        Assert.Null(await client.FindAsync("node-2", Cancelled));

        api.Have(Trouble.NothingFound);

        await Assert.ThrowsAnyAsync<Exception>(() => client.FindAsync("node-2", Cancelled));
    }

    [Fact]
    public async Task A_watch_that_stays_silent_ends()
    {
        using var authority = new TestAuthority();
        await using var api = await KubernetesApi.StartAsync();
        var time = new FakeTimeProvider();
        using var client = Client(api.Address, authority.Write("token", "node-1"), null, time);
        var (_, version) = await client.ListAsync(Cancelled);
        await using var changes = client.WatchAsync(version, Cancelled).GetAsyncEnumerator(Cancelled);
        Assert.True(await changes.MoveNextAsync());
        Assert.Null(changes.Current.Pod);

        api.Have(Trouble.Silence);
        var next = changes.MoveNextAsync();
        time.Advance(TimeSpan.FromMinutes(2));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
    }

    private static PodApi Client(Uri address, string token, string? authorities, TimeProvider? time = null) =>
        new(new KubernetesSettings(KubernetesApi.Namespace, address, token, authorities), time ?? TimeProvider.System);
}
