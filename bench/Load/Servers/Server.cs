using System.Globalization;
using System.Runtime;
using Orrery.Load.Memory;

namespace Orrery.Load.Servers;

/// <summary>A server of the comparison, as it runs in a process of its own.</summary>
internal static class Server
{
    /// <summary>The line that says that the server answers.</summary>
    public const string Ready = "ready";

    /// <summary>Where a server tells what it has used so far.</summary>
    public const string CostsPath = "/costs";

    /// <summary>Where it tells what it holds.</summary>
    public const string MemoryPath = "/memory";

    public static async Task<int> RunAsync(string role, string[] args)
    {
        await using var app = Build(role, args);
        app.MapGet(CostsPath, WriteCostsAsync);
        app.MapGet(MemoryPath, MemoryUse.Measure);
        app.Lifetime.ApplicationStarted.Register(() => Console.Out.WriteLine(Ready));
        StopWithStarter(app);
        await app.RunAsync();
        return 0;
    }

    private static WebApplication Build(string role, string[] args) => role switch
    {
        "gateway" => OrreryServers.Gateway(args),
        "crowded-gateway" => OrreryServers.CrowdedGateway(args),
        "worker" => OrreryServers.Worker(args),
        "handwritten" => HandwrittenServers.WithGrain(args),
        "handwritten-http" => HandwrittenServers.WithoutGrain(args),
        "handwritten-worker" => HandwrittenServers.Worker(args),
        "bare" => HandwrittenServers.Bare(args),
        _ => throw new ArgumentException($"'{role}' is no server."),
    };

    private static Task WriteCostsAsync(HttpContext context)
    {
        var cpu = Environment.CpuUsage.TotalTime.TotalMicroseconds;
        var compiler = JitInfo.GetCompilationTime().TotalMicroseconds;
        return context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{GC.GetTotalAllocatedBytes(precise: true)} {cpu:0} {compiler:0}"));
    }

    // The starter holds the other end of the standard input: when it is gone, for whatever reason, so is this. On a
    // thread of its own, because the console can't be read but by blocking.
    private static void StopWithStarter(WebApplication app) => new Thread(() =>
    {
        while (Console.In.Read() >= 0)
        {
        }

        app.Lifetime.StopApplication();
    })
    {
        IsBackground = true,
    }.Start();
}
