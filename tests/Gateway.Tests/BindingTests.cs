using System.Net;
using System.Text.Json;
using Orrery.Gateway.Tests.Cluster;
using Orrery.Gateway.Tests.Wire;

namespace Orrery.Gateway.Tests;

public sealed class BindingTests(TwoNodes nodes)
{
    private const string Order = """{"number":"A-1","customer":{"full_name":"Ada","born":"1815-12-10"},"lines":[{"sku":"x","quantity":2,"unit_price":1.50,"shade":"dark_blue"}]}""";

    private RpcClient Client => nodes.Client;

    /// <summary>A method that takes one <c>value</c>, its JSON, and the JSON that comes back.</summary>
    public static TheoryData<string, string, string> Values => new()
    {
        { "take_bool", "true", "true" },
        { "take_byte", "255", "255" },
        { "take_int", "-2147483648", "-2147483648" },
        { "take_long", "9223372036854775807", "9223372036854775807" },
        { "take_long", "-9223372036854775808", "-9223372036854775808" },
        { "take_ulong", "18446744073709551615", "18446744073709551615" },
        { "take_decimal", "79228162514264337593543950335", "79228162514264337593543950335" },
        { "take_decimal", "1.10", "1.10" },
        { "take_decimal", "-0.0000000000000000000000000001", "-0.0000000000000000000000000001" },
        { "take_double", "0.1", "0.1" },
        { "take_double", "1.7976931348623157E+308", "1.7976931348623157E+308" },
        { "take_double", "5", "5" },
        { "take_float", "1.5", "1.5" },
        { "take_string", "\"\"", "\"\"" },
        { "take_string", "\"a\\u0062\\n\\\"\\\\\\/\"", "\"ab\\n\\\"\\\\/\"" },
        { "take_string", "\"příliš <b>&'+\"", "\"příliš <b>&'+\"" },
        { "take_string", "\"🐎\"", "\"\\uD83D\\uDC0E\"" },
        { "take_time", "\"2026-01-02T03:04:05.678+01:00\"", "\"2026-01-02T03:04:05.678+01:00\"" },
        { "take_time", "\"2026-01-02T03:04:05Z\"", "\"2026-01-02T03:04:05+00:00\"" },
        { "take_date", "\"2024-02-29\"", "\"2024-02-29\"" },
        { "take_duration", "\"1.02:03:04\"", "\"1.02:03:04\"" },
        { "take_uuid", "\"0b8b2a1e-7d3c-4b52-9a8f-6a1de8f3c7aa\"", "\"0b8b2a1e-7d3c-4b52-9a8f-6a1de8f3c7aa\"" },
        { "take_shade", "\"dark_blue\"", "\"dark_blue\"" },
        { "take_bytes", "\"AAECAw==\"", "\"AAECAw==\"" },
        { "take_nullable", "null", "null" },
        { "take_nullable", "7", "7" },
        { "take_nullable_string", "null", "null" },
        { "take_nullable_string", "\"x\"", "\"x\"" },
        { "take_any", "{\"a\":[1,null,{\"b\":1.0}]}", "{\"a\":[1,null,{\"b\":1.0}]}" },
        { "take_any", "null", "null" },
        { "take_list", "[]", "[]" },
        { "take_list", "[1,-9223372036854775808]", "[1,-9223372036854775808]" },
        { "take_dictionary", "{}", "{}" },
        { "take_dictionary", "{\"Some Key\":1,\"\":2}", "{\"Some Key\":1,\"\":2}" },
        { "take_order", Order, Order },
    };

    /// <summary>A method that takes one <c>value</c>, JSON that is none, what was expected, what came.</summary>
    public static TheoryData<string, string, string, string> WrongValues => new()
    {
        { "take_bool", "1", "boolean", "the number 1" },
        { "take_bool", "\"true\"", "boolean", "the string \"true\"" },
        { "take_byte", "256", "integer from 0 to 255", "the number 256" },
        { "take_byte", "-1", "integer from 0 to 255", "the number -1" },
        { "take_int", "2147483648", "32-bit integer", "the number 2147483648" },
        { "take_int", "1.5", "32-bit integer", "the number 1.5" },
        { "take_int", "true", "32-bit integer", "true" },
        { "take_long", "9223372036854775808", "64-bit integer", "the number 9223372036854775808" },
        { "take_long", "1e999", "64-bit integer", "the number 1e999" },
        { "take_long", "\"1\"", "64-bit integer", "the string \"1\"" },
        { "take_long", "null", "64-bit integer", "null" },
        { "take_long", "{}", "64-bit integer", "an object" },
        { "take_ulong", "-1", "unsigned 64-bit integer", "the number -1" },
        { "take_decimal", "1e999", "number", "the number 1e999" },
        { "take_decimal", "79228162514264337593543950336", "number", "the number 79228162514264337593543950336" },
        { "take_double", "1e999", "number", "the number 1e999" },
        { "take_double", "-1e999", "number", "the number -1e999" },
        { "take_double", "\"NaN\"", "number", "the string \"NaN\"" },
        { "take_float", "1e39", "number", "the number 1e39" },
        { "take_string", "5", "string", "the number 5" },
        { "take_string", "null", "string", "null" },
        { "take_time", "\"yesterday\"", "date and time string (ISO 8601)", "the string \"yesterday\"" },
        { "take_time", "1767322445", "date and time string (ISO 8601)", "the number 1767322445" },
        { "take_date", "\"2023-02-29\"", "date string (ISO 8601)", "the string \"2023-02-29\"" },
        { "take_duration", "60", "duration string (hh:mm:ss)", "the number 60" },
        { "take_uuid", "\"0b8b2a1e\"", "UUID string", "the string \"0b8b2a1e\"" },
        { "take_shade", "\"DarkBlue!\"", "one of red, dark_blue", "the string \"DarkBlue!\"" },
        { "take_shade", "\"\"", "one of red, dark_blue", "the string \"\"" },
        { "take_shade", "\"red, dark_blue\"", "one of red, dark_blue", "the string \"red, dark_blue\"" },
        { "take_shade", "\"red,red\"", "one of red, dark_blue", "the string \"red,red\"" },
        { "take_shade", "\"DarkBlue\"", "one of red, dark_blue", "the string \"DarkBlue\"" },
        { "take_shade", "\"RED\"", "one of red, dark_blue", "the string \"RED\"" },
        { "take_shade", "\" red\"", "one of red, dark_blue", "the string \" red\"" },
        { "take_shade", "1", "one of red, dark_blue", "the number 1" },
        { "take_shade", "\"1\"", "one of red, dark_blue", "the string \"1\"" },
        { "take_bytes", "\"*\"", "base64 string", "the string \"*\"" },
        { "take_nullable", "\"7\"", "32-bit integer", "the string \"7\"" },
        { "take_list", "null", "array of 64-bit integer", "null" },
        { "take_list", "5", "array of 64-bit integer", "the number 5" },
        { "take_list", "{}", "array of 64-bit integer", "an object" },
        { "take_dictionary", "[]", "object with values of 32-bit integer", "an array" },
        { "take_order", "\"A-1\"", "object", "the string \"A-1\"" },
        { "take_order", "[]", "object", "an array" },
        { "take_order", "null", "object", "null" },
    };

    /// <summary>A method, a value that is right but for one place in it, and that place.</summary>
    public static TheoryData<string, string, string> WrongPlaces => new()
    {
        { "take_list", "[1,2,\"3\"]", "value[2]" },
        { "take_list", "[1,null]", "value[1]" },
        { "take_numbers", "[1,1e999]", "value[1]" },
        { "take_dictionary", "{\"a\":1,\"b\":1.5}", "value.b" },
        { "take_order", Order.Replace("\"quantity\":2", "\"quantity\":\"two\"", StringComparison.Ordinal), "value.lines[0].quantity" },
        { "take_order", Order.Replace("1.50", "1e999", StringComparison.Ordinal), "value.lines[0].unit_price" },
        { "take_order", Order.Replace("dark_blue", "pink", StringComparison.Ordinal), "value.lines[0].shade" },
        { "take_order", Order.Replace("1815-12-10", "1815-13-10", StringComparison.Ordinal), "value.customer.born" },
        { "take_order", Order.Replace("\"Ada\"", "null", StringComparison.Ordinal), "value.customer" },
        { "take_order", Order.Replace("\"full_name\":\"Ada\",", "", StringComparison.Ordinal), "value.customer" },
        { "take_order", Order.Replace("\"full_name\"", "\"full_name\":\"Eve\",\"full_name\"", StringComparison.Ordinal), "value.customer" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Value_binds_by_name_and_by_position_here_and_on_another_node(string method, string value, string expected)
    {
        foreach (var parameters in (string[])[$$"""{"value":{{value}}}""", $"[{value}]", $$""" { "valu\u0065" : {{value}} } """])
        {
            var here = await Client.CallAsync($"probe/{method}", parameters);
            var there = await Client.CallAsync($"probe/worker-1/{method}", parameters);

            Assert.Equal(expected, here.Result.GetRawText());
            Assert.Equal(expected, there.Result.GetRawText());
        }
    }

    [Theory]
    [MemberData(nameof(WrongValues))]
    public async Task Value_of_the_wrong_type_is_refused_with_what_was_expected_and_what_came(string method, string value, string expected, string came)
    {
        foreach (var parameters in (string[])[$$"""{"value":{{value}}}""", $"[{value}]"])
        {
            var here = await Client.CallAsync($"probe/{method}", parameters);
            var there = await Client.CallAsync($"probe/worker-1/{method}", parameters);

            here.Is(HttpStatusCode.OK, -32602, "wrong_type");
            Assert.Equal($"The parameter 'value' of probe/{method} must be {expected}, but {came} came.", here.Message);
            Assert.Equal(here.Text, there.Text);
            Assert.Equal("no", here.Executed);
            Assert.Equal("value", here.Data.GetProperty("details").GetProperty("parameter").GetString());
        }
    }

    [Theory]
    [MemberData(nameof(WrongPlaces))]
    public async Task Value_that_is_wrong_inside_is_refused_with_the_place(string method, string value, string place)
    {
        var named = await Client.CallAsync($"probe/{method}", $$"""{"value":{{value}}}""");
        var positional = await Client.CallAsync($"probe/worker-1/{method}", $"[{value}]");

        named.Is(HttpStatusCode.OK, -32602, "wrong_type");
        Assert.Contains($"'{place}", named.Message, StringComparison.Ordinal);
        Assert.Equal(named.Text, positional.Text);
    }

    [Theory]
    [InlineData("""{"number":"A-1","lines":[]}""", "customer")]
    [InlineData("""{}""", "number")]
    public async Task Object_that_lacks_members_is_refused_with_their_names(string value, string member)
    {
        var reply = await Client.CallAsync("probe/take_order", $"[{value}]");

        reply.Is(HttpStatusCode.OK, -32602, "wrong_type");
        Assert.Contains($"'{member}'", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_that_a_record_has_not_are_ignored()
    {
        var newer = Order.Replace("\"sku\"", "\"weight\":{\"kg\":[1]},\"sku\"", StringComparison.Ordinal).Replace("\"number\"", "\"x\":1,\"number\"", StringComparison.Ordinal);

        var reply = await Client.CallAsync("probe/worker-1/take_order", $"[{newer}]");

        Assert.Equal(Order, reply.Result.GetRawText());
    }

    [Theory]
    [InlineData("""{"first":1}""", """{"first":1,"text":"none","shade":"dark_blue","count":null,"per_item":1.5,"is_urgent":true}""")]
    [InlineData("[1]", """{"first":1,"text":"none","shade":"dark_blue","count":null,"per_item":1.5,"is_urgent":true}""")]
    [InlineData("""[1,"x","red",3]""", """{"first":1,"text":"x","shade":"red","count":3,"per_item":1.5,"is_urgent":true}""")]
    [InlineData("""{"is_urgent":false,"per_item":2,"first":1}""", """{"first":1,"text":"none","shade":"dark_blue","count":null,"per_item":2,"is_urgent":false}""")]
    [InlineData("""{"first":1,"count":null}""", """{"first":1,"text":"none","shade":"dark_blue","count":null,"per_item":1.5,"is_urgent":true}""")]
    public async Task Parameters_that_are_left_out_take_their_defaults(string parameters, string expected)
    {
        var here = await Client.CallAsync("probe/choose", parameters);
        var there = await Client.CallAsync("probe/worker-1/choose", parameters);

        Assert.Equal(expected, here.Result.GetRawText());
        Assert.Equal(expected, there.Result.GetRawText());
    }

    [Fact]
    public async Task Nullable_parameter_without_default_may_be_left_out()
    {
        Assert.Equal(JsonValueKind.Null, (await Client.CallAsync("probe/take_nullable")).Result.ValueKind);
        Assert.Equal(JsonValueKind.Null, (await Client.CallAsync("probe/worker-1/take_nullable_string", "{}")).Result.ValueKind);
    }

    [Theory]
    [InlineData("""["x",1,2,3]""", "3")]
    [InlineData("""["x",[1,2]]""", "2")]
    [InlineData("""{"name":"x","values":[1,2]}""", "2")]
    [InlineData("""["x"]""", "0")]
    [InlineData("""{"name":"x"}""", "0")]
    public async Task Rest_of_the_positions_fills_a_params_array(string parameters, string expected)
    {
        var reply = await Client.CallAsync("probe/count", parameters);

        Assert.Equal(expected, reply.Result.GetRawText());
    }

    [Theory]
    [InlineData("probe/take_long", null, "missing_parameter", "'value' (64-bit integer)")]
    [InlineData("probe/take_long", "[]", "missing_parameter", "'value' (64-bit integer)")]
    [InlineData("probe/take_long", "{}", "missing_parameter", "'value' (64-bit integer)")]
    [InlineData("probe/worker-1/choose", """{"text":"x"}""", "missing_parameter", "'first' (64-bit integer)")]
    [InlineData("probe/take_long", """{"value":1,"extra":2}""", "unknown_parameter", "'extra'")]
    [InlineData("probe/take_long", """{"Value":1}""", "unknown_parameter", "'Value'")]
    [InlineData("probe/take_long", """{"value":1,"":2}""", "unknown_parameter", "''")]
    [InlineData("probe/worker-1/where", """{"value":1}""", "unknown_parameter", "It takes no parameters")]
    [InlineData("probe/take_long", """{"value":1,"value":1}""", "duplicate_parameter", "'value'")]
    [InlineData("probe/worker-1/take_long", """{"value":1,"valu\u0065":1}""", "duplicate_parameter", "'value'")]
    [InlineData("probe/take_nullable", """{"value":null,"value":null}""", "duplicate_parameter", "'value'")]
    [InlineData("probe/take_long", "[1,2]", "too_many_parameters", "value (64-bit integer)")]
    [InlineData("probe/where", "[null]", "too_many_parameters", "It takes no parameters")]
    [InlineData("probe/worker-1/choose", """[1,"x","red",3,1,true,7]""", "too_many_parameters", "is_urgent (boolean, optional)")]
    public async Task Parameters_that_are_not_those_of_the_method_are_refused(string method, string? parameters, string reason, string said)
    {
        var reply = await Client.CallAsync(method, parameters);

        reply.Is(HttpStatusCode.OK, -32602, reason);
        Assert.Contains(said, reply.Message, StringComparison.Ordinal);
        Assert.Equal(("no", false), (reply.Executed, reply.Retryable));
    }

    [Fact]
    public async Task Long_values_are_not_repeated_in_full()
    {
        var text = await Client.CallAsync("probe/take_long", $"[\"{new string('x', 100_000)}\"]");
        var number = await Client.CallAsync("probe/take_long", $"[{new string('9', 100_000)}]");
        var name = await Client.CallAsync("probe/take_long", $$"""{"{{new string('x', 100_000)}}":1}""");

        Assert.All([text, number, name], reply =>
        {
            Assert.Equal(-32602, reply.Code);
            Assert.InRange(reply.Body.Length, 1, 500);
        });
    }

    [Fact]
    public async Task Values_of_a_refused_call_do_not_reach_the_next_one()
    {
        await Client.CallAsync("probe/choose", """{"text":"left over","count":9,"first":"one"}""");
        var next = await Client.CallAsync("probe/choose", "[1]");

        Assert.Equal("""{"first":1,"text":"none","shade":"dark_blue","count":null,"per_item":1.5,"is_urgent":true}""", next.Result.GetRawText());
    }
}
