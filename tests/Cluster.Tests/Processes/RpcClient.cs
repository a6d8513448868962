using System.Net.Http.Json;
using System.Text.Json;

namespace Orrery.Cluster.Tests.Processes;

/// <summary>Calls a gateway as any program in any language would.</summary>
internal sealed class RpcClient(Uri address)
{
    private static readonly HttpClient Http = new();

    public Uri Address => address;

    public async Task<JsonElement> ResultAsync(string method, object? parameters = null)
    {
        var answer = await AnswerAsync(method, parameters);
        Assert.True(answer.TryGetProperty("result", out var result), answer.GetRawText());
        return result;
    }

    public async Task<JsonElement> ErrorAsync(string method, object? parameters = null)
    {
        var answer = await AnswerAsync(method, parameters);
        Assert.True(answer.TryGetProperty("error", out var error), answer.GetRawText());
        return error;
    }

    public async Task<JsonElement> AnswerAsync(string method, object? parameters = null, int timeoutMs = 30_000, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = JsonContent.Create(new { jsonrpc = "2.0", method, @params = parameters ?? Array.Empty<int>(), id = 1, timeout_ms = timeoutMs }),
        };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    /// <summary>Asks how the gateway is until that is as wanted.</summary>
    public async Task<JsonElement> HealthWhenAsync(string status)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var health = await Http.GetFromJsonAsync<JsonElement>(new Uri(address, "/health"), patience.Token);
            if (health.GetProperty("status").GetString() == status)
            {
                return health;
            }

            await interval.WaitForNextTickAsync(patience.Token);
        }
    }

    /// <summary>Asks for the nodes until they are as the condition wants them: the registry is told of a change, the caller outside is not.</summary>
    /// <param name="condition">What must hold.</param>
    /// <param name="method">Whom to ask.</param>
    public async Task<JsonElement[]> NodesWhenAsync(Func<JsonElement[], bool> condition, string method = "registry/list_nodes") =>
        [.. (await UntilAsync(method, nodes => condition([.. nodes.EnumerateArray()]))).EnumerateArray()];

    /// <summary>Calls a method until its result is as the condition wants it; a node that the gateway has not heard of yet has none.</summary>
    public async Task<JsonElement> UntilAsync(string method, Func<JsonElement, bool> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            var answer = await AnswerAsync(method);
            var isRefused = answer.TryGetProperty("error", out var error) && error.GetProperty("code").GetInt32() == -32001;
            Assert.True(answer.TryGetProperty("result", out var result) || isRefused, answer.GetRawText());
            if (!isRefused && condition(result))
            {
                return result;
            }

            Assert.False(patience.IsCancellationRequested, $"{method} went on answering {answer.GetRawText()}");
            await interval.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
