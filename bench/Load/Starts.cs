using System.Diagnostics;
using System.Net.Sockets;
using Orrery.Load.Client;
using Orrery.Load.Report;
using Orrery.Load.Servers;
using Orrery.Rpc.Hosting;

namespace Orrery.Load;

/// <summary>How long it takes from the start of a process to the answer to its first call.</summary>
/// <param name="Server">What starts.</param>
/// <param name="Role">As which server of the comparison.</param>
/// <param name="Program">Another program than this one.</param>
internal sealed record Starts(string Server, string Role, string? Program = null)
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
        Starts[] all = [new(Embedded, "gateway"), new(Empty, "empty", EmptyApp)];
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
        var seed = LoopbackPort.Free();
        using var server = new ServerProcess(Role, ServerSet.Silo(seed, seed), program: Program);
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
}
