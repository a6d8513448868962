using System.Net;
using System.Text.Json.Nodes;
using Orrery.Gateway.Tests.Cluster;

namespace Orrery.Gateway.Tests;

/// <summary>The examples of section 7 of the JSON-RPC 2.0 specification; only the names of the methods are addresses here.</summary>
public sealed class SpecificationExamples(TwoNodes nodes)
{
    private const string ParseError = """{"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null}""";
    private const string InvalidRequest = """{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}""";
    private const string MethodNotFound = """{"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "1"}""";

    /// <summary>A description, the HTTP status, what is sent, what comes back.</summary>
    public static TheoryData<string, HttpStatusCode, string, string> Examples => new()
    {
        { "positional parameters", HttpStatusCode.OK, """{"jsonrpc": "2.0", "method": "calculator/subtract", "params": [42, 23], "id": 1}""", """{"jsonrpc": "2.0", "result": 19, "id": 1}""" },
        { "positional parameters, the other way round", HttpStatusCode.OK, """{"jsonrpc": "2.0", "method": "calculator/subtract", "params": [23, 42], "id": 2}""", """{"jsonrpc": "2.0", "result": -19, "id": 2}""" },
        { "named parameters", HttpStatusCode.OK, """{"jsonrpc": "2.0", "method": "calculator/subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}""", """{"jsonrpc": "2.0", "result": 19, "id": 3}""" },
        { "named parameters, the other way round", HttpStatusCode.OK, """{"jsonrpc": "2.0", "method": "calculator/subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4}""", """{"jsonrpc": "2.0", "result": 19, "id": 4}""" },
        { "a notification", HttpStatusCode.NoContent, """{"jsonrpc": "2.0", "method": "specification/update", "params": [1,2,3,4,5]}""", "" },
        { "a notification of a method that does not exist", HttpStatusCode.NoContent, """{"jsonrpc": "2.0", "method": "foobar"}""", "" },
        { "a method that does not exist", HttpStatusCode.OK, """{"jsonrpc": "2.0", "method": "foobar", "id": "1"}""", MethodNotFound },
        { "invalid JSON", HttpStatusCode.BadRequest, """{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]""", ParseError },
        { "an invalid request object", HttpStatusCode.BadRequest, """{"jsonrpc": "2.0", "method": 1, "params": "bar"}""", InvalidRequest },
        {
            "a batch of invalid JSON",
            HttpStatusCode.BadRequest,
            """
            [
              {"jsonrpc": "2.0", "method": "calculator/sum", "params": [1,2,4], "id": "1"},
              {"jsonrpc": "2.0", "method"
            ]
            """,
            ParseError
        },
        { "an empty array", HttpStatusCode.BadRequest, "[]", InvalidRequest },
        { "an invalid batch that is not empty", HttpStatusCode.OK, "[1]", $"[{InvalidRequest}]" },
        { "an invalid batch", HttpStatusCode.OK, "[1,2,3]", $"[{InvalidRequest},{InvalidRequest},{InvalidRequest}]" },
        {
            "a batch",
            HttpStatusCode.OK,
            """
            [
              {"jsonrpc": "2.0", "method": "calculator/sum", "params": [1,2,4], "id": "1"},
              {"jsonrpc": "2.0", "method": "specification/notify_hello", "params": [7]},
              {"jsonrpc": "2.0", "method": "calculator/subtract", "params": [42,23], "id": "2"},
              {"foo": "boo"},
              {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
              {"jsonrpc": "2.0", "method": "specification/get_data", "id": "9"}
            ]
            """,
            """
            [
              {"jsonrpc": "2.0", "result": 7, "id": "1"},
              {"jsonrpc": "2.0", "result": 19, "id": "2"},
              {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
              {"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "5"},
              {"jsonrpc": "2.0", "result": ["hello", 5], "id": "9"}
            ]
            """
        },
        {
            "a batch of notifications",
            HttpStatusCode.NoContent,
            """
            [
              {"jsonrpc": "2.0", "method": "specification/notify_sum", "params": [1,2,4]},
              {"jsonrpc": "2.0", "method": "specification/notify_hello", "params": [7]}
            ]
            """,
            ""
        },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Example_is_answered_as_specified(string example, HttpStatusCode status, string request, string expected)
    {
        var reply = await nodes.Client.PostAsync(request);

        Assert.True(status == reply.Status, $"{example}: {reply}");
        Assert.Equal(Comparable(expected), Comparable(reply.Text));
    }

    // A batch may be answered in any order, and the text of an error is the server's own.
    private static string Comparable(string json)
    {
        if (json.Length == 0)
        {
            return json;
        }

        var answer = JsonNode.Parse(json)!;
        if (answer is not JsonArray batch)
        {
            return WithoutErrorText(answer);
        }

        return string.Join('\n', batch.Select(entry => WithoutErrorText(entry!)).Order(StringComparer.Ordinal));
    }

    private static string WithoutErrorText(JsonNode answer)
    {
        var members = answer.AsObject();
        if (members["error"] is { } error)
        {
            members["error"] = error["code"]!.DeepClone();
        }

        return new JsonObject(members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))).ToJsonString();
    }
}
