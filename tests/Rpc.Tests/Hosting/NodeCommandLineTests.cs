using Microsoft.Extensions.Options;
using Orrery.Rpc.Hosting;

namespace Orrery.Rpc.Tests.Hosting;

public sealed class NodeCommandLineTests
{
    [Fact]
    public void Switches_set_the_keys_they_stand_for()
    {
        var settings = NodeCommandLine.Read(["--node-id", "worker-1", "--role=worker", "--role", "gpu", "--Logging:LogLevel:Default", "Debug"]);

        Assert.Equal("worker-1", settings["Orrery:NodeId"]);
        Assert.Equal("worker,gpu", settings["Orrery:Roles"]);
        Assert.Equal("Debug", settings["Logging:LogLevel:Default"]);
    }

    [Theory]
    [InlineData("--node-idd", "x")]
    [InlineData("worker-1")]
    [InlineData("--node-id")]
    [InlineData("--node-id", "--role")]
    [InlineData("-n", "x")]
    public void What_is_unknown_or_lacks_its_value_is_refused_with_the_list_of_settings(params string[] args)
    {
        var refusal = Assert.Throws<OptionsValidationException>(() => NodeCommandLine.Read(args));

        Assert.Contains("--silo-port", refusal.Message, StringComparison.Ordinal);
    }
}
