using System.Security.Cryptography.X509Certificates;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Processes;

public sealed class SettingsTests
{
    [Theory]
    [InlineData("--node-id 'worker-1' is missing its dashes", "not an argument", "worker-1")]
    [InlineData("a role as node id", "Orrery:NodeId", "--node-id", "worker")]
    [InlineData("a folder that isn't there", "Orrery:Services", "--services", "/no/such/folder")]
    [InlineData("a folder without services", "has no assembly that refers to Orrery.Rpc", "--services", "docs")]
    [InlineData("a folder without settings", "contentRoot: there is no appsettings.json in", "--contentRoot", "docs")]
    [InlineData("a port that is none", "Orrery:SiloPort", "--silo-port", "99999")]
    [InlineData("a management address that is none", "Orrery:ManagementUrl: 'nowhere' is not an address to listen on", "--Orrery:ManagementUrl", "nowhere")]
    [InlineData("a management address with TLS, which it has not", "Orrery:ManagementUrl: 'https://127.0.0.1:8081'", "--Orrery:ManagementUrl", "https://127.0.0.1:8081")]
    [InlineData("a time to keep reports for that is none", "Orrery:Metrics:RawRetention: 'long' is not a duration", "--Orrery:Metrics:RawRetention", "long")]
    [InlineData("a part of the metrics' settings that nobody reads", "Orrery:Metrics:Retention is not a setting. The settings are Orrery:Metrics:RawRetention, ", "--Orrery:Metrics:Retention", "1")]
    [InlineData("a namespace that is none", "Orrery:Kubernetes:Namespace: 'Planets' can't be a namespace", "--Orrery:Kubernetes:Namespace", "Planets")]
    public async Task A_wrong_setting_stops_the_start_with_the_key_and_the_fix(string what, string expected, params string[] args)
    {
        await using var node = NodeProcess.Start("src/Silo", "Orrery.Silo", args);

        Assert.True(await node.ExitsAsync() == 78, what);
        Assert.StartsWith("The node can't start:", node.Output, StringComparison.Ordinal);
        Assert.Contains(expected, node.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", node.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_of_files_that_only_look_like_assemblies_is_refused()
    {
        var folder = Directory.CreateTempSubdirectory("orrery").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "native.dll"), "no assembly at all", TestContext.Current.CancellationToken);
        await using var node = NodeProcess.Start("src/Silo", "Orrery.Silo", ["--services", folder]);

        Assert.Equal(78, await node.ExitsAsync());
        Assert.Contains("has no assembly that refers to Orrery.Rpc", node.Output, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("--urls", "nonsense", "urls: 'nonsense'")]
    [InlineData("--urls", "https://127.0.0.1:8443", "Orrery:Tls:Certificate: the gateway is to listen on https://127.0.0.1:8443 and has no certificate")]
    [InlineData("--Kestrel:Limits:MaxRequestBodySize", "-5", "Kestrel:Limits")]
    [InlineData("--Orrery:JsonRpc:MaxBodyBytes", "many", "Orrery:JsonRpc:MaxBodyBytes")]
    [InlineData("--Orrery:JsonRpc:MaxDepth", "1", "Orrery:JsonRpc:MaxDepth must be a number from 4 to 512")]
    [InlineData("--Orrery:JsonRpc:MaxDeph", "10", "MaxDeph")]
    public async Task A_wrong_setting_of_a_gateway_stops_its_start(string name, string value, string expected)
    {
        await using var cluster = new ProcessCluster();
        var gateway = cluster.Add(NodeProcess.Start("src/Gateway", "Orrery.Gateway", name == "--urls" ? [name, value] : [.. cluster.GatewayArguments, name, value]));

        Assert.Equal(78, await gateway.ExitsAsync());
        Assert.Contains(expected, gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_with_another_password_stops_the_start_and_shows_no_password()
    {
        using var authority = new TestAuthority();
        using var leaf = authority.Issue(["127.0.0.1"]);
        var certificate = Path.Combine(Path.GetDirectoryName(authority.File)!, "server.pfx");
        await File.WriteAllBytesAsync(certificate, leaf.Export(X509ContentType.Pkcs12, "correct horse"), TestContext.Current.CancellationToken);
        await using var cluster = new ProcessCluster();
        var environment = new Dictionary<string, string> { ["Orrery__Tls__Certificate"] = certificate, ["Orrery__Tls__Password"] = "battery staple" };
        var gateway = cluster.Add(NodeProcess.Start("src/Gateway", "Orrery.Gateway", ["--urls", "https://127.0.0.1:0", .. cluster.NodeArguments], environment));

        Assert.Equal(78, await gateway.ExitsAsync());
        Assert.StartsWith($"The node can't start:\n  Orrery:Tls:Certificate: {certificate} can't be used", gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("battery", gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_stops_the_start_with_what_to_do()
    {
        await using var cluster = new ProcessCluster();
        var client = await cluster.StartGatewayAsync();
        var second = cluster.Add(NodeProcess.Start("src/Gateway", "Orrery.Gateway", ["--urls", client.Address.GetLeftPart(UriPartial.Authority), .. cluster.NodeArguments]));

        Assert.Equal(78, await second.ExitsAsync());
        Assert.Contains("address already in use", second.Output, StringComparison.Ordinal);
        Assert.Contains("--urls", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_wins_over_the_environment_and_that_over_appsettings()
    {
        var folder = Directory.CreateTempSubdirectory("orrery").FullName;
        await File.WriteAllTextAsync(
            Path.Combine(folder, "appsettings.json"),
            """{ "Orrery": { "NodeId": "from-file", "Capabilities": [ "from-file" ], "Roles": [ "from-file-role" ] } }""",
            TestContext.Current.CancellationToken);
        var environment = new Dictionary<string, string> { ["Orrery__NodeId"] = "from-environment", ["Orrery__Roles__0"] = "from-environment-role" };
        await using var cluster = new ProcessCluster();
        var client = await cluster.StartGatewayAsync();
        cluster.Add(NodeProcess.Start("src/Silo", "Orrery.Silo", [.. cluster.NodeArguments, "--node-id", "from-command-line"], environment, folder));

        var nodes = await client.NodesWhenAsync(nodes => nodes.Has("from-command-line", "alive"));

        var node = nodes.Find("from-command-line")!.Value;
        Assert.Equal("from-environment-role", node.GetProperty("role").GetString());
        Assert.Equal("from-file", node.GetProperty("capabilities")[0].GetString());
        Directory.Delete(folder, recursive: true);
    }
}
