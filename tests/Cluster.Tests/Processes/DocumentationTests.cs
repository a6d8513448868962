using System.Text.Json;
using System.Text.RegularExpressions;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Processes;

public sealed partial class DocumentationTests(SharedPostgres postgres)
{
    private const string DocumentedDatabase = "postgres://orrery:secret@127.0.0.1/orrery";

    public static TheoryData<string> Pages =>
        [.. Directory.GetFiles(Repository.Root, "README.md").Concat(Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md")).Select(file => Path.GetRelativePath(Repository.Root, file))];

    [Fact]
    public async Task Every_curl_command_in_the_documentation_gives_a_result()
    {
        Assert.SkipUnless(Has("curl"), "curl is not installed, and the documentation's commands need it.");
        await using var cluster = new ProcessCluster();
        var gateway = cluster.LaunchGateway("--services", ProcessCluster.HelloServices);
        var client = new RpcClient(await gateway.AnswersAsync());
        var management = await gateway.IsManagedAtAsync();
        await cluster.StartNodeAsync("--node-id", "worker-1", "--role", "worker", "--services", ProcessCluster.HelloServices);
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));
        var commands = Pages.SelectMany(page => Blocks(page.Data, "bash")).SelectMany(block => block.Split('\n')).Where(line => line.StartsWith("curl ", StringComparison.Ordinal) && line.Contains("http://", StringComparison.Ordinal)).Distinct().ToArray();

        Assert.NotEmpty(commands);
        foreach (var command in commands)
        {
            var here = command
                .Replace("http://127.0.0.1:8080", client.Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)
                .Replace("http://127.0.0.1:8081", management.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);
            await using var curl = NodeProcess.Start("bash", ["-c", $"{here} --silent --show-error --fail"]);
            Assert.True(await curl.ExitsAsync() == 0, $"{command}\n{curl.Output}");
            Assert.True(!here.Contains("/rpc", StringComparison.Ordinal) || JsonDocument.Parse(curl.Output).RootElement.TryGetProperty("result", out _), $"{command}\n{curl.Output}");
        }
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/database.md")]
    public async Task The_documented_commands_make_a_cluster_with_a_database(string page)
    {
        var database = await postgres.Server.CreateDatabaseAsync();
        await using var cluster = new ProcessCluster();
        var environment = new Dictionary<string, string>();
        RpcClient? client = null;
        foreach (var line in Blocks(page, "bash").Where(block => block.Contains(DocumentedDatabase, StringComparison.Ordinal)).SelectMany(block => block.Split('\n')).Select(line => line.Replace(DocumentedDatabase, TestDatabase.Url(database), StringComparison.Ordinal)))
        {
            if (line.StartsWith("psql ", StringComparison.Ordinal))
            {
                await using var psql = NodeProcess.Start("bash", ["-c", PostgresServer.Psql + line["psql".Length..]]);
                Assert.True(await psql.ExitsAsync() == 0, psql.Output);
            }
            else if (line.StartsWith("export ", StringComparison.Ordinal))
            {
                Export(line, environment);
            }
            else if (Run().Match(line) is { Success: true } run)
            {
                string[] own = run.Groups[1].Value == "src/Gateway" ? ["--urls", "http://127.0.0.1:0"] : [];
                var node = cluster.Add(NodeProcess.Start("dotnet", ["run", "--no-build", "-c", Repository.Configuration, "--project", run.Groups[1].Value, "--", .. run.Groups[2].Value.Split(' '), .. own], environment));
                client ??= new RpcClient(await node.AnswersAsync());
            }
        }

        await client!.NodesWhenAsync(nodes => nodes.Has("gateway-1", "alive") && nodes.Has("worker-1", "alive"));
    }

    [Fact]
    public async Task The_documented_commands_make_a_cluster_with_everything_that_protects_it()
    {
        Assert.SkipUnless(Has("openssl") && Has("curl"), "openssl or curl is not installed, and the documentation's commands need them.");
        await using var cluster = new ProcessCluster();
        var folder = Directory.CreateTempSubdirectory("orrery-documented-").FullName;
        var gateway = Path.Combine(Repository.Output("src/Gateway"), "Orrery.Gateway.dll");
        var environment = new Dictionary<string, string>();
        var url = "";
        foreach (var line in Blocks("docs/security.md", "bash").Single(block => block.Contains("openssl req", StringComparison.Ordinal)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("export ", StringComparison.Ordinal))
            {
                Export(line, environment);
            }
            else if (Run().Match(line) is { Success: true } run)
            {
                string[] arguments = [.. run.Groups[2].Value.Replace("127.0.0.1:8443", "127.0.0.1:0", StringComparison.Ordinal).Split(' ')];
                var isGateway = run.Groups[1].Value == "src/Gateway";
                var program = isGateway ? gateway : Path.Combine(Repository.Output("src/Silo"), "Orrery.Silo.dll");
                var node = cluster.Add(NodeProcess.Start("dotnet", [program, .. arguments, .. isGateway ? cluster.GatewayArguments[2..] : cluster.NodeArguments], environment, folder));
                url = isGateway ? (await node.AnswersAsync()).GetLeftPart(UriPartial.Authority) : url;
                await node.JoinsAsync();
            }
            else
            {
                var here = line.Replace("dotnet run --project src/Gateway --", $"dotnet {gateway}", StringComparison.Ordinal).Replace("https://127.0.0.1:8443", url, StringComparison.Ordinal);
                var output = await OutputAsync(line.StartsWith("TOKEN=", StringComparison.Ordinal) ? $"{here}; echo $TOKEN" : here, environment, folder);
                environment["TOKEN"] = output.Split('\n').LastOrDefault(output => output.StartsWith("eyJ", StringComparison.Ordinal)) ?? environment.GetValueOrDefault("TOKEN", "");
                Assert.True(!line.StartsWith("curl ", StringComparison.Ordinal) || output.Contains("\"node_id\":\"worker-1\"", StringComparison.Ordinal), output);
            }
        }

        Directory.Delete(folder, recursive: true);
    }

    // Again while the gateway has not heard of the node that has just started: nobody types that fast.
    private static async Task<string> OutputAsync(string line, IReadOnlyDictionary<string, string> environment, string folder)
    {
        for (var tries = 1; ; tries++)
        {
            await using var command = NodeProcess.Start("bash", ["-c", line], environment, folder);
            Assert.True(await command.ExitsAsync() == 0, $"{line}\n{command.Output}");
            if (tries == 100 || !command.Output.Contains("\"node_not_ready\"", StringComparison.Ordinal))
            {
                return command.Output;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_line_of_C_sharp_in_the_documentation_stands_in_a_sample_that_is_built(string page)
    {
        var sources = Directory.GetFiles(Path.Combine(Repository.Root, "samples"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(File.ReadAllLines)
            .Select(line => line.Trim())
            .ToHashSet();

        var unknown = Blocks(page, "csharp").SelectMany(block => block.Split('\n')).Select(line => line.Trim()).Where(line => line.Length > 0 && !sources.Contains(line));

        Assert.Empty(unknown);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_in_the_documentation_leads_to_a_file(string page)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, page))!;

        var broken = Link().Matches(File.ReadAllText(Path.Combine(Repository.Root, page)))
            .Select(match => match.Groups[1].Value)
            .Where(target => !target.StartsWith("http", StringComparison.Ordinal) && !Path.Exists(Path.Combine(folder, target)));

        Assert.Empty(broken);
    }

    private static void Export(string line, Dictionary<string, string> environment)
    {
        foreach (Match setting in Setting().Matches(line))
        {
            environment[setting.Groups[1].Value] = setting.Groups[2].Value;
        }
    }

    private static bool Has(string command) => Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, command)));

    private static IEnumerable<string> Blocks(string page, string language) =>
        Regex.Matches(File.ReadAllText(Path.Combine(Repository.Root, page)), $"^```{language}\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)
            .Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"(\w+)=""?([^"" ]+)""?")]
    private static partial Regex Setting();

    [GeneratedRegex(@"^dotnet run --project (\S+) -- (.+)$")]
    private static partial Regex Run();

    [GeneratedRegex(@"\]\(([^)#]+)\)")]
    private static partial Regex Link();
}
