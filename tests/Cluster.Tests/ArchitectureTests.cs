using System.Text.RegularExpressions;
using Orrery.Cluster.Tests.Processes;

namespace Orrery.Cluster.Tests;

public sealed partial class ArchitectureTests
{
    [Theory]
    [InlineData("src/Rpc")]
    [InlineData("src/Grains", "Rpc")]
    [InlineData("src/Kubernetes", "Rpc")]
    [InlineData("src/Operations", "Rpc")]
    [InlineData("src/Silo", "Grains", "Kubernetes", "Operations", "Rpc")]
    [InlineData("src/Gateway", "Grains", "Kubernetes", "Operations", "Rpc")]
    [InlineData("samples/HelloServices", "Rpc")]
    public void A_project_refers_to_what_the_architecture_allows_and_nothing_else(string project, params string[] allowed)
    {
        var file = Directory.GetFiles(Path.Combine(Repository.Root, project), "*.csproj").Single();

        var references = ProjectReference().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value).Order();

        Assert.Equal(allowed, references);
    }

    [Fact]
    public void The_platform_knows_no_web_server() =>
        // The connections are what Orleans names those between its silos.
        Assert.DoesNotContain(typeof(Rpc.IService).Assembly.GetReferencedAssemblies(), name => name.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) && name.Name != "Microsoft.AspNetCore.Connections.Abstractions");

    [Fact]
    public void The_json_rpc_edge_names_no_service() =>
        Assert.DoesNotContain(
            Directory.GetFiles(Path.Combine(Repository.Root, "src/Gateway"), "*.cs", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "Program.cs"),
            file => File.ReadAllText(file).Contains("Orrery.Grains", StringComparison.Ordinal));

    [GeneratedRegex(@"ProjectReference Include=""[^""]*/(\w+)\.csproj""")]
    private static partial Regex ProjectReference();
}
