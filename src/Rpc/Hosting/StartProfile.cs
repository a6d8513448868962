using System.Reflection;
using System.Runtime;

namespace Orrery.Rpc.Hosting;

/// <summary>
/// What the program needed compiled when it last started, in a file of the user's: while it starts again, the runtime compiles
/// that on a second processor, ahead of the code that needs it. A start without the file takes longer, and nothing else.
/// </summary>
internal sealed class StartProfile : IDisposable
{
    // The first calls belong to a start.
    private static readonly TimeSpan NotedFor = TimeSpan.FromSeconds(10);

    private readonly string _shared;
    private readonly string _own;
    private readonly Timer _end;
    private int _hasEnded;

    private StartProfile(string folder, string program)
    {
        _shared = Path.Combine(folder, $"{program}.start");
        _own = Path.Combine(folder, $"{program}.{Path.GetRandomFileName()}");
        Play(folder);
        _end = new Timer(_ => Dispose(), state: null, NotedFor, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Begins the start of this program; null where the user has no place for the file.</summary>
    public static StartProfile? Begin()
    {
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        if (data.Length == 0 || Assembly.GetEntryAssembly()?.GetName().Name is not { } program)
        {
            return null;
        }

        var folder = Path.Combine(data, "orrery");
        try
        {
            Directory.CreateDirectory(folder);
            return new StartProfile(folder, program);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Ends the start, if it is not over: keeps what was compiled for the next one.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) == 1)
        {
            return;
        }

        _end.Dispose();
        try
        {
            // No name ends the noting, and writes the file.
            ProfileOptimization.StartProfile("");
            File.Move(_own, _shared, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next start takes what there was.
        }
    }

    // The runtime plays a file and writes the same one, in place: programs that start at the same time would read what another
    // one has half written, so each has its own.
    private void Play(string folder)
    {
        try
        {
            File.Copy(_shared, _own, overwrite: true);
        }
        catch (FileNotFoundException)
        {
            // It never started here before.
        }

        ProfileOptimization.SetProfileRoot(folder);
        ProfileOptimization.StartProfile(Path.GetFileName(_own));
        // It has been read. Whatever ends the process now leaves nothing behind.
        File.Delete(_own);
    }
}
