using System.Text;

namespace Orrery.Gateway.Tests;

public sealed class ConcurrencyTests(TwoNodeCluster cluster)
{
    private const int Clients = 64;
    private const int CallsEach = 60;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task No_client_gets_the_answer_of_another(string version)
    {
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            for (var call = 0; call < CallsEach; call++)
            {
                var target = (client + call) % 2 == 0 ? "gateway-1" : "worker-1";
                var id = $"{client}-{call}";
                var body = call % 5 == 0 ? $"[{Request(target, id, 0)},{Request(target, id, 1)}]" : Request(target, id, 0);

                var answer = await cluster.Client.SendAsync(Encoding.UTF8.GetBytes(body), version: Version.Parse(version));

                Assert.Equal(call % 5 == 0 ? $"[{Expected(id, 0)},{Expected(id, 1)}]" : Expected(id, 0), answer.Text);
            }
        })));
    }

    private static string Request(string target, string id, int entry) =>
        $$"""{"jsonrpc":"2.0","method":"echo/{{target}}/say","params":{"text":"text of {{id}}","n":{{entry}}},"id":"{{id}}/{{entry}}"}""";

    private static string Expected(string id, int entry) =>
        $$"""{"jsonrpc":"2.0","result":{"text":"text of {{id}}","n":{{entry + 1}}},"id":"{{id}}/{{entry}}"}""";
}
