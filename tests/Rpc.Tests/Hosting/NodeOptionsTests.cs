using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orrery.Rpc.Hosting;

namespace Orrery.Rpc.Tests.Hosting;

public sealed class NodeOptionsTests
{
    [Fact]
    public void With_nothing_set_a_node_has_the_roles_of_its_host_and_free_ports()
    {
        var one = Read([]);
        var other = Read([]);

        Assert.Equal(["worker"], one.Roles);
        Assert.Equal($"worker-{one.SiloPort}", one.NodeId);
        Assert.Equal(4, new[] { one.SiloPort, one.ClientPort, other.SiloPort, other.ClientPort }.Distinct().Count());
        Assert.False(one.IsSeed);
    }

    [Theory]
    [InlineData("NodeId", "worker")]
    [InlineData("NodeId", "a b")]
    [InlineData("NodeId", "@x")]
    [InlineData("Roles", "good,b@d")]
    [InlineData("SiloPort", "0")]
    [InlineData("SiloPort", "70000")]
    [InlineData("ClientPort", "many")]
    [InlineData("Seed", "nowhere")]
    [InlineData("Seed", "10.0.0.1:11111")]
    [InlineData("Url", "not a url")]
    [InlineData("StopAcceptingAfter", "soon")]
    [InlineData("StopAcceptingAfter", "-00:00:01")]
    [InlineData("StopAcceptingAfter", "00:00:16")]
    public void A_wrong_setting_is_refused_with_its_key_and_its_environment_variable(string key, string value)
    {
        var refusal = Assert.Throws<OptionsValidationException>(() => Read(new() { [$"Orrery:{key}"] = value }));

        var failure = Assert.Single(refusal.Failures);
        Assert.StartsWith($"Orrery:{key}: ", failure, StringComparison.Ordinal);
        Assert.Contains($"Orrery__{key}", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_id_that_is_one_of_the_roles_is_refused()
    {
        Assert.Throws<OptionsValidationException>(() => Read(new() { ["Orrery:NodeId"] = "gpu", ["Orrery:Roles"] = "worker,gpu" }));
    }

    [Fact]
    public void A_key_that_nobody_reads_is_refused_with_those_that_are_read()
    {
        var refusal = Assert.Throws<OptionsValidationException>(() => Read(new() { ["Orrery:NodeIdd"] = "x" }));

        Assert.Contains("Orrery:NodeIdd is not a setting", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Orrery:SiloPort", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.2")]
    [InlineData("::1")]
    public void A_port_that_another_program_uses_is_refused(string address)
    {
        using var other = new TcpListener(IPAddress.Parse(address), 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var refusal = Assert.Throws<OptionsValidationException>(() => Read(new() { ["Orrery:Address"] = address, ["Orrery:SiloPort"] = $"{port}" }));

        Assert.Contains($"uses the port {port}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_is_used_at_another_address_is_free()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        using var ports = new PortHolder();
        using var otherPorts = new PortHolder();

        Assert.Equal(port, Read(new() { ["Orrery:Address"] = "127.0.0.2", ["Orrery:SiloPort"] = $"{port}" }, ports: ports).SiloPort);
        Assert.Equal(port, Read(new() { ["Orrery:Address"] = "127.0.0.3", ["Orrery:SiloPort"] = $"{port}" }, ports: otherPorts).SiloPort);
    }

    [Fact]
    public void A_name_is_as_good_as_the_address_that_it_stands_for()
    {
        var options = Read(new() { ["Orrery:Address"] = "localhost", ["Orrery:Seed"] = "localhost:11111" });

        Assert.Equal(IPAddress.Loopback, options.Address);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 11111), options.Seed);
    }

    [Fact]
    public void Only_one_of_two_gateways_that_start_together_becomes_the_seed()
    {
        var seed = new Dictionary<string, string?> { ["Orrery:Seed"] = $"127.0.0.1:{LoopbackPort.Free()}" };
        using var ports = new PortHolder();
        using var otherPorts = new PortHolder();

        var one = Read(seed, becomesSeed: true, ports);
        var other = Read(seed, becomesSeed: true, otherPorts);

        Assert.True(one.IsSeed);
        Assert.False(other.IsSeed);
    }

    private static NodeOptions Read(Dictionary<string, string?> settings, bool becomesSeed = false, PortHolder? ports = null)
    {
        using var own = new PortHolder();
        var options = new NodeOptions();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        new NodeOptionsSetup(configuration, new NodeDefaults(["worker"], becomesSeed), ports ?? own, Options.Create(new HostOptions())).Configure(options);
        return options;
    }
}
