using System.Text.Json;
using Orrery.Gateway.Tests.Cluster;
using Orrery.Gateway.Tests.Wire;

namespace Orrery.Gateway.Tests;

public sealed class ConcurrencyTests(TwoNodes nodes)
{
    private const int Clients = 64;
    private const int CallsOfEach = 50;
    private const int EntriesOfEach = 10;

    private static readonly string[] Methods = ["echo/say", "echo/worker-1/say", "echo/worker/say", "echo/gateway-1/say"];

    [Fact]
    public Task Single_calls_of_many_clients_get_their_own_answers() => ForEachClientAsync(async (client, number) =>
    {
        for (var call = 0; call < CallsOfEach; call++)
        {
            var (request, answer) = Exchange(number, call, 0);
            Assert.Equal(answer, (await client.PostAsync(request)).Text);
        }
    });

    [Fact]
    public Task Batches_of_many_clients_get_their_own_answers() => ForEachClientAsync(async (client, number) =>
    {
        for (var call = 0; call < CallsOfEach / 5; call++)
        {
            var exchanges = Enumerable.Range(0, EntriesOfEach).Select(entry => Exchange(number, call, entry)).ToArray();

            var reply = await client.PostAsync($"[{string.Join(',', exchanges.Select(exchange => exchange.Request))}]");

            Assert.Equal(exchanges.Select(exchange => exchange.Answer).Order(), reply.Json.EnumerateArray().Select(answer => answer.GetRawText()).Order());
        }
    });

    [Fact]
    public Task Errors_of_many_clients_are_their_own() => ForEachClientAsync(async (client, number) =>
    {
        for (var call = 0; call < CallsOfEach / 5; call++)
        {
            var id = $"{number}.{call}";
            var wrong = await client.PostAsync(RpcClient.Request(call % 2 == 0 ? "probe/take_int" : "probe/worker-1/take_int", $"[\"{id}\"]", $"\"{id}\""));
            var refused = await client.PostAsync(RpcClient.Request(call % 2 == 0 ? "trouble/refuse" : "trouble/worker-1/refuse", $"[\"{id}\"]", $"\"{id}\""));

            Assert.Equal(($"\"{id}\"", true), (wrong.Id, wrong.Message.Contains($"\"{id}\"", StringComparison.Ordinal)));
            Assert.Equal(($"\"{id}\"", id), (refused.Id, refused.Message));
        }
    });

    [Fact]
    public async Task Many_calls_on_one_http_2_connection_get_their_own_answers()
    {
        using var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = false };
        using var client = new RpcClient(nodes.Gateway.Address, handler) { Version = System.Net.HttpVersion.Version20 };

        await Parallel.ForAsync(0, 1000, new ParallelOptions { MaxDegreeOfParallelism = Clients, CancellationToken = TestContext.Current.CancellationToken }, async (call, _) =>
        {
            var (request, answer) = Exchange(0, call, 0);
            Assert.Equal(answer, (await client.PostAsync(request)).Text);
        });
    }

    // Each client has connections of its own; all begin at once.
    private async Task ForEachClientAsync(Func<RpcClient, int, Task> act)
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var clients = Enumerable.Range(0, Clients).Select(async number =>
        {
            using var client = new RpcClient(nodes.Gateway.Address);
            await start.Task;
            await act(client, number);
        }).ToArray();

        start.SetResult();
        await Task.WhenAll(clients);
    }

    // Texts differ in length, so that answers that were mixed up could not even be read.
    private static (string Request, string Answer) Exchange(int client, int call, int entry)
    {
        var number = (client * 10_000) + (call * 100) + entry;
        var id = JsonSerializer.Serialize($"{client}/{call}/{entry}");
        var text = JsonSerializer.Serialize($"text {number} {new string((char)('a' + (number % 26)), number * 31 % 3000)}");
        return (
            RpcClient.Request(Methods[number % Methods.Length], $$"""{"text":{{text}},"n":{{number}}}""", id),
            $$"""{"jsonrpc":"2.0","result":{"text":{{text}},"n":{{number + 1}}},"id":{{id}}}""");
    }
}
