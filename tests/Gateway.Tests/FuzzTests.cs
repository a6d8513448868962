using System.Text;
using System.Text.Json;

namespace Orrery.Gateway.Tests;

public sealed class FuzzTests(TwoNodeCluster cluster)
{
    private const int Bodies = 6000;

    private static readonly string[] Valid =
    [
        """{"jsonrpc":"2.0","method":"calculator/subtract","params":{"minuend":42,"subtrahend":23},"id":1}""",
        """{"jsonrpc":"2.0","method":"calculator/worker-1/sum","params":[1,2.5,-3e2],"id":"abc"}""",
        """[{"jsonrpc":"2.0","method":"echo/say","params":{"text":"h\u00e9llo","n":9007199254740993},"id":null},{"jsonrpc":"2.0","method":"echo/say","params":["x",1]}]""",
        """{"jsonrpc":"2.0","method":"types/record","params":[{"label":"a","size":null,"colour":"dark_red","inner":[]}],"id":-1}""",
        """{"jsonrpc":"2.0","method":"types/dictionary","params":{"value":{"k":{"label":"a","size":1,"colour":"green","inner":[]}}},"id":1e2}""",
        """{"jsonrpc":"2.0","method":"registry/list_nodes","id":3}""",
    ];

    private static readonly string[] Tokens = ["{", "}", "[", "]", ",", ":", "\"", "null", "true", "1e999", "-", "0.1", "\\u0000", "\\ud800", "\"id\":", "\"params\":", "\"method\":", "/", "rpc.", "\0", "\n", "[[[[[[[[", "9999999999999999999999"];

    [Theory]
    [InlineData(1)]
    [InlineData(20261122)]
    public async Task No_body_is_answered_with_anything_but_JSON_RPC_or_nothing(int seed)
    {
        var random = new Random(seed);
        var bodies = Enumerable.Range(0, Bodies / 2).Select(_ => Mutated(random)).ToArray();

        await Parallel.ForEachAsync(bodies, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = TestContext.Current.CancellationToken }, async (body, _) =>
        {
            var answer = await cluster.Client.SendAsync(body);
            Assert.True(IsAnswer(answer), $"seed {seed}, body {Convert.ToBase64String(body)}: {answer.Status} {answer.Text}");
        });

        Assert.Equal("19", await cluster.Client.ResultAsync("calculator/subtract", "[42,23]"));
        Assert.Equal("19", await cluster.Client.ResultAsync("calculator/worker-1/subtract", "[42,23]"));
    }

    private static bool IsAnswer(Answer answer)
    {
        if (answer.Status == 204)
        {
            return answer.Body.Length == 0;
        }

        var json = answer.Json;
        return answer.Status is 200 or 400 or 413
            && (json.ValueKind is JsonValueKind.Array ? json.GetArrayLength() > 0 && json.EnumerateArray().All(IsResponse) : IsResponse(json));
    }

    private static bool IsResponse(JsonElement json) =>
        json.GetProperty("jsonrpc").GetString() == "2.0"
        && json.TryGetProperty("id", out _)
        && (json.TryGetProperty("result", out _) != json.TryGetProperty("error", out var error))
        && (error.ValueKind is JsonValueKind.Undefined || (error.GetProperty("code").GetInt32() is var code && code is not -32603 && error.GetProperty("message").GetString()!.Length > 0));

    private static byte[] Mutated(Random random)
    {
        var body = Encoding.UTF8.GetBytes(Valid[random.Next(Valid.Length)]).ToList();
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var at = random.Next(body.Count + 1);
            switch (random.Next(6))
            {
                case 0 when at < body.Count:
                    body[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    body.RemoveRange(at, random.Next(body.Count - at + 1));
                    break;
                case 2:
                    body.InsertRange(at, body.GetRange(at, random.Next(Math.Min(20, body.Count - at) + 1)).ToArray());
                    break;
                case 3:
                    body.InsertRange(at, Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]));
                    break;
                case 4:
                    body.Insert(at, (byte)random.Next(256));
                    break;
                default:
                    var other = Encoding.UTF8.GetBytes(Valid[random.Next(Valid.Length)]);
                    body.InsertRange(at, other[random.Next(other.Length)..]);
                    break;
            }
        }

        return [.. body];
    }
}
