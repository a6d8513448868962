using System.Diagnostics;
using System.Net.Sockets;
using Orrery.Load.Client;
using Orrery.Load.Report;
using Orrery.Load.Servers;
using Orrery.Rpc.Hosting;

namespace Orrery.Load;

/// <summary>How long it takes from the start of a process to the answer to its first call.</summary>
/// <param name="Server">What starts.</param>
/// <param name="Program">The project that it is, beside this one.</param>
internal sealed record Starts(string Server, string Program)
{
    public const string Embedded = "(a) embedded node";
    public const string Empty = "(b) empty app";

    private const string FirstTime = "(c) node, first time";

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    // A node keeps for its next start what it compiled until then.
    private static readonly TimeSpan NotedAfter = TimeSpan.FromSeconds(11);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(2);

    // Programs of their own: Orleans looks through all that a program is made of, and this one has every node's parts.
    private string Executable => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../..", Program, "bin", Configuration, $"net10.0/Orrery.{Program}.dll"));

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public string Name => $"start, {Server}";

    // What it keeps for its next start is kept in its home.
    private IReadOnlyDictionary<string, string>? Environment { get; init; }

    public List<double> Milliseconds { get; } = [];

    public static IReadOnlyList<Starts> Measure(LoadOptions options, CancellationToken cancellationToken)
    {
        var home = Directory.CreateTempSubdirectory("orrery-load-");
        Starts[] all =
        [
            new(Embedded, "EmbeddedNode"),
            new(Empty, "EmptyApp"),
            new(FirstTime, "EmbeddedNode") { Environment = new Dictionary<string, string> { ["HOME"] = home.FullName, ["XDG_DATA_HOME"] = home.FullName } },
        ];
        var chosen = all.Where(starts => options.Chooses(starts.Name)).ToArray();
        foreach (var starts in chosen)
        {
            // Not counted: it brings the files into memory, and has the node keep what its next start is faster by.
            starts.Once(starts.Server == Embedded ? NotedAfter : TimeSpan.Zero, cancellationToken);
        }

        for (var i = 1; i <= options.Starts; i++)
        {
            foreach (var starts in chosen)
            {
                Console.Error.WriteLine($"{starts.Name} {i} of {options.Starts}");
                starts.Milliseconds.Add(starts.Once(TimeSpan.Zero, cancellationToken).TotalMilliseconds);
            }
        }

        home.Delete(recursive: true);
        return chosen;
    }

    // Gives how long it took; the node goes on for a while then.
    private TimeSpan Once(TimeSpan goesOn, CancellationToken cancellationToken)
    {
        using var server = ServerProcess.Other(Server, port => ["dotnet", Executable, "--urls", $"http://127.0.0.1:{port}", .. Silo()], Environment);
        var exchange = Exchange.Single("echo/say", server.Port);
        var started = Stopwatch.GetTimestamp();
        server.Start();
        while (true)
        {
            try
            {
                using var connection = new Connection(exchange);
                connection.Call();
                var elapsed = Stopwatch.GetElapsedTime(started);
                Pause.For(goesOn);
                return elapsed;
            }
            catch (Exception exception) when (exception is SocketException or LoadException && Stopwatch.GetElapsedTime(started) < Longest)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Pause.For(BetweenTries);
            }
        }
    }

    private static string[] Silo()
    {
        var seed = LoopbackPort.Free();
        return ServerSet.Silo(seed, seed);
    }
}
