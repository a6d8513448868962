using Orrery.Rpc.Addressing;

namespace Orrery.Rpc.Tests.Addressing;

public sealed class AddressTests
{
    [Theory]
    [InlineData("system/get_system_info", "system", "", "get_system_info")]
    [InlineData("system/worker/get_system_info", "system", "worker", "get_system_info")]
    [InlineData("system/worker-1.b_2/get_system_info", "system", "worker-1.b_2", "get_system_info")]
    public void An_address_has_a_service_perhaps_a_target_and_a_method(string text, string service, string target, string method)
    {
        Assert.True(Address.TryParse(text, out var address));

        Assert.Equal(service, address.Service.ToString());
        Assert.Equal(target, address.Target.ToString());
        Assert.Equal(method, address.Method.ToString());
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("system")]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData("/method")]
    [InlineData("service/")]
    [InlineData("service//method")]
    [InlineData("service/target/")]
    [InlineData("/target/method")]
    [InlineData("a/b/c/d")]
    [InlineData("a/b/c/")]
    public void What_has_not_two_or_three_parts_is_no_address(string text) => Assert.False(Address.TryParse(text, out _));

    [Fact]
    public void An_address_longer_than_any_name_allows_is_refused()
    {
        Assert.False(Address.TryParse("service/" + new string('m', Address.MaxLength), out _));
    }
}
