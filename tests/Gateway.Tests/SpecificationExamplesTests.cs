using System.Text.Json.Nodes;

namespace Orrery.Gateway.Tests;

/// <summary>The examples of section 7 of the JSON-RPC 2.0 specification, with methods of this cluster.</summary>
public sealed class SpecificationExamplesTests(TwoNodeCluster cluster)
{
    [Theory]
    [InlineData("positional parameters", """{"jsonrpc": "2.0", "method": "calculator/subtract", "params": [42, 23], "id": 1}""", """{"jsonrpc": "2.0", "result": 19, "id": 1}""")]
    [InlineData("positional parameters, the other way round", """{"jsonrpc": "2.0", "method": "calculator/subtract", "params": [23, 42], "id": 2}""", """{"jsonrpc": "2.0", "result": -19, "id": 2}""")]
    [InlineData("named parameters", """{"jsonrpc": "2.0", "method": "calculator/subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}""", """{"jsonrpc": "2.0", "result": 19, "id": 3}""")]
    [InlineData("named parameters, the other way round", """{"jsonrpc": "2.0", "method": "calculator/subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4}""", """{"jsonrpc": "2.0", "result": 19, "id": 4}""")]
    [InlineData("a notification", """{"jsonrpc": "2.0", "method": "calculator/sum", "params": [1,2,3,4,5]}""", "")]
    [InlineData("a notification of no method", """{"jsonrpc": "2.0", "method": "foobar"}""", "")]
    [InlineData("a method that doesn't exist", """{"jsonrpc": "2.0", "method": "foobar", "id": "1"}""", """{"jsonrpc": "2.0", "error": -32601, "id": "1"}""")]
    [InlineData("invalid JSON", """{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]""", """{"jsonrpc": "2.0", "error": -32700, "id": null}""")]
    [InlineData("an invalid request", """{"jsonrpc": "2.0", "method": 1, "params": "bar"}""", """{"jsonrpc": "2.0", "error": -32600, "id": null}""")]
    [InlineData("a batch of invalid JSON", """[ {"jsonrpc": "2.0", "method": "calculator/sum", "params": [1,2,4], "id": "1"}, {"jsonrpc": "2.0", "method" ]""", """{"jsonrpc": "2.0", "error": -32700, "id": null}""")]
    [InlineData("an empty array", "[]", """{"jsonrpc": "2.0", "error": -32600, "id": null}""")]
    [InlineData("an invalid batch", "[1]", """[ {"jsonrpc": "2.0", "error": -32600, "id": null} ]""")]
    [InlineData("an invalid batch of three", "[1,2,3]", """[ {"jsonrpc": "2.0", "error": -32600, "id": null}, {"jsonrpc": "2.0", "error": -32600, "id": null}, {"jsonrpc": "2.0", "error": -32600, "id": null} ]""")]
    [InlineData(
        "a batch",
        """
        [ {"jsonrpc": "2.0", "method": "calculator/sum", "params": [1,2,4], "id": "1"},
          {"jsonrpc": "2.0", "method": "calculator/sum", "params": [7]},
          {"jsonrpc": "2.0", "method": "calculator/subtract", "params": [42,23], "id": "2"},
          {"foo": "boo"},
          {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
          {"jsonrpc": "2.0", "method": "trouble/get_data", "id": "9"} ]
        """,
        """
        [ {"jsonrpc": "2.0", "result": 7, "id": "1"},
          {"jsonrpc": "2.0", "result": 19, "id": "2"},
          {"jsonrpc": "2.0", "error": -32600, "id": null},
          {"jsonrpc": "2.0", "error": -32601, "id": "5"},
          {"jsonrpc": "2.0", "result": ["hello", 5], "id": "9"} ]
        """)]
    [InlineData("a batch of notifications", """[ {"jsonrpc": "2.0", "method": "calculator/sum", "params": [1,2,4]}, {"jsonrpc": "2.0", "method": "calculator/sum", "params": [7]} ]""", "")]
    public async Task The_answer_is_the_specifications(string example, string request, string expected)
    {
        var answer = await cluster.Client.SendAsync(request);

        if (expected.Length == 0)
        {
            Assert.True((answer.Status, answer.Body.Length) == (204, 0), $"{example}: {answer.Text}");
        }
        else
        {
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), WithErrorsAsCodes(JsonNode.Parse(answer.Body)!)), $"{example}: {answer.Text}");
        }
    }

    private static JsonNode WithErrorsAsCodes(JsonNode answer)
    {
        foreach (var single in answer is JsonArray batch ? batch.ToArray() : [answer])
        {
            if (single!["error"] is JsonObject error)
            {
                single["error"] = error["code"]!.GetValue<int>();
            }
        }

        return answer;
    }
}
