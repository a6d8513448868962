using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;
using Orrery.Cluster.Tests.Processes;

namespace Orrery.Deploy.Tests.Images;

public sealed class DockerfileTests
{
    [Fact]
    public void The_Dockerfile_holds_to_the_rules() => Assert.Empty(DockerfileLint.Problems(Dockerfile.Parse(Dockerfile.Text)));

    [Theory]
    [InlineData("-chiseled", "")]
    [InlineData(":10.0-noble ", ":latest ")]
    [InlineData("USER $APP_UID", "USER root")]
    [InlineData("USER $APP_UID\n", "")]
    [InlineData("USER $APP_UID", "RUN mkdir /data\nUSER $APP_UID")]
    [InlineData("ENTRYPOINT [\"dotnet\", \"Orrery.Silo.dll\"]", "ENTRYPOINT dotnet Orrery.Silo.dll")]
    [InlineData("ENTRYPOINT [\"dotnet\", \"Orrery.Silo.dll\"]", "ENTRYPOINT [\"dotnet\", \"Orrery.Gateway.dll\"]")]
    [InlineData("COPY src/Grains/Grains.csproj src/Grains/\n", "")]
    [InlineData("COPY src/Grains/Grains.csproj src/Grains/\n", "COPY src/Grains src/Grains/\n")]
    [InlineData("src/Grains/Grains.csproj src/Grains/", "src/Grain/Grain.csproj src/Grains/")]
    [InlineData("COPY db/schema.sql db/\n", "")]
    [InlineData("COPY db/schema.sql db/\n", "COPY db/schema.sql tests db/\n")]
    [InlineData("COPY db/schema.sql db/\n", "ADD db/schema.sql db/\n")]
    [InlineData("WORKDIR /app\n", "")]
    [InlineData("COPY --from=build /out/silo ./", "COPY --from=build /out/gateway ./")]
    [InlineData("org.opencontainers.image.revision", "revision")]
    [InlineData("ARG REVISION=unknown", "ARG NPM_TOKEN\nARG REVISION=unknown")]
    public void A_Dockerfile_that_breaks_a_rule_is_noticed(string good, string bad)
    {
        Assert.Contains(good, Dockerfile.Text, StringComparison.Ordinal);

        Assert.NotEmpty(DockerfileLint.Problems(Dockerfile.Parse(Dockerfile.Text.Replace(good, bad, StringComparison.Ordinal))));
    }

    [Fact]
    public void Images_have_the_version_of_this_release() =>
        Assert.Equal(
            [XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").Single().Value],
            Dockerfile.Parse(Dockerfile.Text).Stages.SelectMany(stage => stage.Instructions).Where(instruction => instruction.Value.StartsWith("VERSION=", StringComparison.Ordinal)).Select(instruction => instruction.Value["VERSION=".Length..]).Distinct());

    [Theory]
    [InlineData("Gateway")]
    [InlineData("Silo")]
    public async Task The_SDK_publishes_the_same_image(string host)
    {
        var name = host.ToLowerInvariant();
        var file = Dockerfile.Parse(Dockerfile.Text);
        string[] arguments = ["msbuild", Path.Combine("src", host), "-getProperty:ContainerBaseImage", "-getProperty:ContainerRepository", "-getProperty:ContainerImageTag", "-getProperty:Version"];
        using var msbuild = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, WorkingDirectory = Repository.Root })!;
        var output = await msbuild.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await msbuild.WaitForExitAsync(TestContext.Current.CancellationToken);

        using var answer = JsonDocument.Parse(output);
        var properties = answer.RootElement.GetProperty("Properties");
        Assert.Equal(file.Under(file.Named(name)).Last().Image, properties.GetProperty("ContainerBaseImage").GetString());
        Assert.Equal($"orrery/{name}", properties.GetProperty("ContainerRepository").GetString());
        Assert.Equal(properties.GetProperty("Version").GetString(), properties.GetProperty("ContainerImageTag").GetString());
    }

    [Fact]
    public async Task The_smoke_test_says_so_where_no_engine_runs()
    {
        Assert.SkipWhen((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "podman"))), "podman is installed, which needs no engine: deploy/smoke would build the images.");
        // Nobody listens there.
        await using var smoke = NodeProcess.Start(Path.Combine(Repository.Root, "deploy", "smoke"), [], new Dictionary<string, string> { ["DOCKER_HOST"] = "tcp://127.0.0.1:1" });

        Assert.Equal(0, await smoke.ExitsAsync());
        Assert.StartsWith("skipped: ", smoke.Output, StringComparison.Ordinal);
    }
}
