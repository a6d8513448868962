using System.Diagnostics;
using System.Net.Sockets;
using Orrery.Load.Client;
using Orrery.Load.Report;
using Orrery.Load.Servers;
using Orrery.Rpc.Hosting;

namespace Orrery.Load;

/// <summary>How long it takes from the start of a process to the answer to its first call.</summary>
/// <param name="Server">What starts.</param>
/// <param name="Make">Makes it, ready to be started.</param>
internal sealed record Starts(string Server, Func<ServerProcess> Make)
{
    public const string Embedded = "(a) embedded node";
    public const string Empty = "(b) empty app";

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(2);

    // A program of its own: Orleans looks through all that a program is made of, and this one has every node's parts.
    private static string EmptyApp => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../EmptyApp/bin", Configuration, "net10.0/Orrery.EmptyApp.dll"));

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public string Name => $"start, {Server}";

    public List<double> Milliseconds { get; } = [];

    public static IReadOnlyList<Starts> Measure(LoadOptions options, CancellationToken cancellationToken)
    {
        Starts[] all =
        [
            new(Embedded, () => ServerProcess.Own("gateway", Silo())),
            new(Empty, () => ServerProcess.Other("empty app", port => ["dotnet", EmptyApp, "--urls", $"http://127.0.0.1:{port}", .. Silo()])),
        ];
        var chosen = all.Where(starts => options.Chooses(starts.Name)).ToArray();
        foreach (var starts in chosen)
        {
            // Not counted: it brings the files into memory.
            starts.Once(cancellationToken);
        }

        for (var i = 1; i <= options.Starts; i++)
        {
            foreach (var starts in chosen)
            {
                Console.Error.WriteLine($"{starts.Name} {i} of {options.Starts}");
                starts.Milliseconds.Add(starts.Once(cancellationToken).TotalMilliseconds);
            }
        }

        return chosen;
    }

    private TimeSpan Once(CancellationToken cancellationToken)
    {
        using var server = Make();
        var exchange = Exchange.Single("echo/say", server.Port);
        var started = Stopwatch.GetTimestamp();
        server.Start();
        while (true)
        {
            try
            {
                using var connection = new Connection(exchange);
                connection.Call();
                return Stopwatch.GetElapsedTime(started);
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
