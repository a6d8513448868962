namespace Orrery.Cluster.Tests.Processes;

public sealed class StartProfileTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("orrery-data-");

    private string Profile => Path.Combine(_data.FullName, "orrery", "Orrery.Gateway.start");

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task A_node_keeps_what_its_next_start_compiles_ahead_also_when_several_start_at_once()
    {
        await StartAndStopAsync(_data.FullName);
        var first = await File.ReadAllBytesAsync(Profile, TestContext.Current.CancellationToken);
        await Task.WhenAll(StartAndStopAsync(_data.FullName), StartAndStopAsync(_data.FullName));

        // A start compiles thousands of methods, and each takes several bytes.
        Assert.InRange(first.Length, 10_000, int.MaxValue);
        Assert.NotEqual(first, await File.ReadAllBytesAsync(Profile, TestContext.Current.CancellationToken));
        Assert.Equal([Profile], Directory.GetFiles(_data.FullName, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_start_that_is_refused_leaves_the_profile_of_the_one_before()
    {
        await StartAndStopAsync(_data.FullName);
        var kept = await File.ReadAllBytesAsync(Profile, TestContext.Current.CancellationToken);
        await using var refused = NodeProcess.Start("src/Gateway", "Orrery.Gateway", ["--node-id", "worker"], new Dictionary<string, string> { ["XDG_DATA_HOME"] = _data.FullName });

        Assert.Equal(78, await refused.ExitsAsync());
        Assert.Equal(kept, await File.ReadAllBytesAsync(Profile, TestContext.Current.CancellationToken));
        Assert.Equal([Profile], Directory.GetFiles(_data.FullName, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_damaged_profile_is_written_anew()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Profile)!);
        await File.WriteAllTextAsync(Profile, "no profile", TestContext.Current.CancellationToken);

        await StartAndStopAsync(_data.FullName);

        Assert.InRange(new FileInfo(Profile).Length, 10_000, int.MaxValue);
    }

    [Fact]
    public async Task Where_no_profile_can_be_kept_a_node_starts_without_one()
    {
        var file = Path.Combine(_data.FullName, "no-folder");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(Profile);

        await StartAndStopAsync(file);
        await StartAndStopAsync(_data.FullName);
    }

    private static async Task StartAndStopAsync(string data)
    {
        await using var cluster = new ProcessCluster();
        cluster.Environment["XDG_DATA_HOME"] = data;
        var gateway = cluster.LaunchGateway();
        var client = new RpcClient(await gateway.AnswersAsync());
        await client.ResultAsync("system/get_system_info");
        gateway.Terminate();

        Assert.Equal(0, await gateway.ExitsAsync());
    }
}
