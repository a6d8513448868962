using System.Text.Json.Nodes;

namespace Orrery.Gateway.Tests;

public sealed class BindingTests(TwoNodeCluster cluster)
{
    [Theory]
    [InlineData("int", "-2147483648")]
    [InlineData("byte", "255")]
    [InlineData("long", "9223372036854775807")]
    [InlineData("long", "-9223372036854775808")]
    [InlineData("unsigned", "18446744073709551615")]
    [InlineData("decimal", "79228162514264337593543950335")]
    [InlineData("decimal", "0.1000")]
    [InlineData("double", "1.5E+300")]
    [InlineData("bool", "true")]
    [InlineData("text", "\"quote \\\" line \\n 漢字 🚀 </script>\"")]
    [InlineData("text", "\"\"")]
    [InlineData("time", "\"2026-01-02T03:04:05.678+01:00\"")]
    [InlineData("date", "\"2026-01-02\"")]
    [InlineData("duration", "\"1.02:03:04\"")]
    [InlineData("id", "\"0f8fad5b-d9cb-469f-a165-70867728950e\"")]
    [InlineData("bytes", "\"AQID\"")]
    [InlineData("enum", "\"dark_red\"")]
    [InlineData("nullable_enum", "null")]
    [InlineData("nullable_enum", "\"green\"")]
    [InlineData("nullable_int", "null")]
    [InlineData("nullable_int", "3")]
    [InlineData("nullable_text", "null")]
    [InlineData("list", "[1,2,3]")]
    [InlineData("list", "[]")]
    [InlineData("record", """{"label":"a","size":null,"colour":"green","inner":[{"label":"b","size":2,"colour":"dark_red","inner":[]}]}""")]
    [InlineData("dictionary", """{"First Key":{"label":"a","size":1,"colour":"green","inner":[]}}""")]
    [InlineData("json", """{"any":[1,"two",null,{"three":3.0}]}""")]
    public async Task A_value_is_the_same_by_name_by_position_here_and_on_another_node(string method, string value)
    {
        foreach (var target in new[] { "gateway-1", "worker-1" })
        {
            var named = await cluster.Client.ResultAsync($"types/{target}/{method}", $$"""{"value":{{value}}}""");
            var positional = await cluster.Client.ResultAsync($"types/{target}/{method}", $"[{value}]");

            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(value), JsonNode.Parse(named)), named);
            Assert.Equal(named, positional);
        }
    }

    [Theory]
    [InlineData("{}", "fallback 7 DarkRed 1")]
    [InlineData("[]", "fallback 7 DarkRed 1")]
    [InlineData(null, "fallback 7 DarkRed 1")]
    [InlineData("""["a"]""", "a 7 DarkRed 1")]
    [InlineData("""{"number":1,"colour":"green"}""", "fallback 1 Green 1")]
    [InlineData("""["a",1,"green","2026-01-01T00:00:00Z"]""", "a 1 Green 2026")]
    public async Task What_is_left_out_has_its_default(string? parameters, string expected)
    {
        Assert.Equal($"\"{expected}\"", await cluster.Client.ResultAsync("types/optional", parameters));
    }

    [Theory]
    [InlineData("types/nullable_int", "null")]
    [InlineData("types/count", "0")]
    public async Task A_nullable_parameter_and_the_rest_of_the_positional_ones_may_be_left_out(string method, string expected)
    {
        Assert.Equal(expected, await cluster.Client.ResultAsync(method, method == "types/count" ? """{"values":[]}""" : null));
    }

    [Theory]
    [InlineData("[1,2,3]", "3")]
    [InlineData("[[1,2,3]]", "3")]
    [InlineData("""{"values":[1,2]}""", "2")]
    public async Task The_last_parameter_can_take_the_rest(string parameters, string expected)
    {
        Assert.Equal(expected, await cluster.Client.ResultAsync("types/count", parameters));
    }

    [Fact]
    public async Task A_method_and_a_parameter_can_have_names_of_their_own()
    {
        Assert.Equal("5", await cluster.Client.ResultAsync("types/renamed", """{"the_value":5}"""));
    }

    [Theory]
    [InlineData("int", "[1.5]", "wrong_type", "'value'", "32-bit integer", "the number 1.5")]
    [InlineData("int", "[2147483648]", "wrong_type", "'value'", "32-bit integer", "the number 2147483648")]
    [InlineData("int", """["5"]""", "wrong_type", "'value'", "32-bit integer", "the string \"5\"")]
    [InlineData("int", "[null]", "wrong_type", "'value'", "32-bit integer", "null")]
    [InlineData("byte", "[256]", "wrong_type", "'value'", "integer from 0 to 255", "the number 256")]
    [InlineData("unsigned", "[-1]", "wrong_type", "'value'", "unsigned 64-bit integer", "the number -1")]
    [InlineData("double", "[1e999]", "wrong_type", "'value'", "number", "the number 1e999")]
    [InlineData("double", "[[1]]", "wrong_type", "'value'", "number", "an array")]
    [InlineData("bool", "[1]", "wrong_type", "'value'", "boolean", "the number 1")]
    [InlineData("text", "[5]", "wrong_type", "'value'", "string", "the number 5")]
    [InlineData("text", "[null]", "wrong_type", "'value'", "string", "null")]
    [InlineData("text", "[{}]", "wrong_type", "'value'", "string", "an object")]
    [InlineData("time", """["yesterday"]""", "wrong_type", "'value'", "date and time", "the string \"yesterday\"")]
    [InlineData("id", """["x"]""", "wrong_type", "'value'", "UUID", "the string \"x\"")]
    [InlineData("enum", """["blue"]""", "wrong_type", "'value'", "one of green, dark_red", "the string \"blue\"")]
    [InlineData("enum", "[1]", "wrong_type", "'value'", "one of green, dark_red", "the number 1")]
    [InlineData("list", """[[1,"2"]]""", "wrong_type", "'value'", "array of 32-bit integer", "'value[1]'")]
    [InlineData("record", """[{"label":"a","size":1,"colour":"green","inner":[{"label":null,"size":1,"colour":"green","inner":[]}]}]""", "wrong_type", "'value'", "object", "label")]
    [InlineData("record", """[{"label":"a"}]""", "wrong_type", "'value'", "object", "object")]
    [InlineData("record", """[{"label":"a","label":"b","size":1,"colour":"green","inner":[]}]""", "wrong_type", "'value'", "object", "object")]
    [InlineData("int", "{}", "missing_parameter", "'value'", "32-bit integer", "missing")]
    [InlineData("int", "[]", "missing_parameter", "'value'", "32-bit integer", "missing")]
    [InlineData("int", """{"value":1,"value":2}""", "duplicate_parameter", "'value'", "types/int", "twice")]
    [InlineData("int", """{"valu":1}""", "unknown_parameter", "'valu'", "value (32-bit integer)", "types/int")]
    [InlineData("int", """{"Value":1}""", "unknown_parameter", "'Value'", "value (32-bit integer)", "types/int")]
    [InlineData("int", "[1,2]", "too_many_parameters", "1 parameters", "value (32-bit integer)", "More")]
    public async Task What_does_not_fit_is_refused_with_the_parameter_what_was_expected_and_what_came(string method, string parameters, string reason, params string[] words)
    {
        foreach (var target in new[] { "gateway-1", "worker-1" })
        {
            var error = await cluster.Client.ErrorAsync($"types/{target}/{method}", parameters);

            Assert.Equal((-32602, reason, "no"), (error.Code, error.Reason, error.Executed));
            Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
            Assert.DoesNotContain("System.", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_member_that_a_record_does_not_have_is_passed_over()
    {
        var result = await cluster.Client.ResultAsync("types/record", """[{"label":"a","size":1,"colour":"green","inner":[],"added_later":{"x":1}}]""");

        Assert.Equal("""{"label":"a","size":1,"colour":"green","inner":[]}""", result);
    }
}
