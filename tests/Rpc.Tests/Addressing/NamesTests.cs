using Orrery.Rpc.Addressing;

namespace Orrery.Rpc.Tests.Addressing;

public sealed class NamesTests
{
    [Theory]
    [InlineData("GetSystemInfo", "get_system_info")]
    [InlineData("workerId", "worker_id")]
    [InlineData("n", "n")]
    [InlineData("CPUPercent", "cpu_percent")]
    [InlineData("Md5Sum", "md5_sum")]
    public void Wire_names_are_the_snake_case_of_the_C_sharp_names(string name, string expected) => Assert.Equal(expected, Names.SnakeCase(name));

    [Theory]
    [InlineData("worker-1", true)]
    [InlineData("0", true)]
    [InlineData("a.b_c-d", true)]
    [InlineData("", false)]
    [InlineData("-a", false)]
    [InlineData("@all", false)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    [InlineData("a\n", false)]
    [InlineData("ä", false)]
    public void A_node_id_or_a_role_is_a_letter_or_digit_and_then_a_few_signs_more(string text, bool expected) => Assert.Equal(expected, Names.IsTarget(text));

    [Fact]
    public void A_node_id_has_at_most_63_characters()
    {
        Assert.True(Names.IsTarget(new string('a', 63)));
        Assert.False(Names.IsTarget(new string('a', 64)));
    }
}
