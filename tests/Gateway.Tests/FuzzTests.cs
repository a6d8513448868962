using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Orrery.Gateway.Tests.Cluster;
using Orrery.Gateway.Tests.Fuzzing;
using Orrery.Gateway.Tests.Wire;

namespace Orrery.Gateway.Tests;

public sealed class FuzzTests(TwoNodes nodes)
{
    private const int Seed = 20260102;
    private const int Bodies = 20_000;

    private static readonly HttpStatusCode[] Statuses = [HttpStatusCode.OK, HttpStatusCode.NoContent, HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge];

    private RpcClient Client => nodes.Client;

    [Fact]
    public async Task Mutated_bodies_are_answered_with_json_rpc_or_with_nothing()
    {
        var mutator = new Mutator(new Random(Seed));
        var bodies = Enumerable.Range(0, Bodies).Select(_ => mutator.Next()).ToArray();
        var seen = new ConcurrentDictionary<HttpStatusCode, int>();

        await Parallel.ForAsync(0, Bodies, TestContext.Current.CancellationToken, async (n, _) =>
        {
            var reply = await Client.PostAsync(bodies[n]);
            var problem = Problem(reply);
            Assert.True(problem is null, $"Body {n} of seed {Seed}: {problem} {reply}\nBody: {Encoding.UTF8.GetString(bodies[n])}\nIn base64: {Convert.ToBase64String(bodies[n])}");
            seen.AddOrUpdate(reply.Status, 1, (_, count) => count + 1);
        });

        Assert.Equal(Statuses.Order(), seen.Keys.Order());
        Assert.Equal("7", (await Client.CallAsync("calculator/sum", "[1,2,4]")).Result.GetRawText());
        Assert.Equal("7", (await Client.CallAsync("calculator/worker-1/sum", "[1,2,4]")).Result.GetRawText());
    }

    // What is wrong with an answer; null when nothing is.
    private static string? Problem(Reply reply)
    {
        if (!Statuses.Contains(reply.Status))
        {
            return "The status is none of those that JSON-RPC comes to.";
        }

        if (reply.Status is HttpStatusCode.NoContent)
        {
            return reply.Body.Length == 0 ? null : "An answer without content has content.";
        }

        try
        {
            var answer = reply.Json;
            return answer.ValueKind is not JsonValueKind.Array ? ProblemOf(answer)
                : answer.GetArrayLength() == 0 ? "The batch is empty."
                : answer.EnumerateArray().Select(ProblemOf).FirstOrDefault(problem => problem is not null);
        }
        catch (JsonException exception)
        {
            return $"The answer is not JSON: {exception.Message}";
        }
    }

    private static string? ProblemOf(JsonElement answer)
    {
        var names = answer.EnumerateObject().Select(member => member.Name).ToArray();
        if (!names.SequenceEqual(["jsonrpc", "result", "id"]) && !names.SequenceEqual(["jsonrpc", "error", "id"]))
        {
            return "The members of an answer are others.";
        }

        if (answer.GetProperty("jsonrpc").GetString() != "2.0" || answer.GetProperty("id").ValueKind is not (JsonValueKind.String or JsonValueKind.Number or JsonValueKind.Null))
        {
            return "The version or the id is not one.";
        }

        return answer.TryGetProperty("error", out var error) ? ProblemOfError(error) : null;
    }

    private static string? ProblemOfError(JsonElement error) =>
        error.GetProperty("code").GetInt32() is -32603 ? "No body may make a node fail unexpectedly."
        : string.IsNullOrEmpty(error.GetProperty("message").GetString()) || string.IsNullOrEmpty(error.GetProperty("data").GetProperty("reason").GetString()) ? "An error has no message or no reason."
        : null;
}
