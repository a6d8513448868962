using System.Reflection;
using System.Runtime;

namespace Orrery.Rpc.Hosting;

/// <summary>
/// What the program needed compiled when it last started, in a file of the user's: while it starts again, the runtime compiles
/// that on a second processor, ahead of the code that needs it. A start without the file takes longer, and nothing else.
/// </summary>
internal sealed class StartProfile
{
    // The first calls belong to a start.
    private static readonly TimeSpan FirstCalls = TimeSpan.FromSeconds(10);

    private readonly string _shared;
    private readonly string _own;
    private bool _hasStarted;
    private int _hasEnded;

    private StartProfile(string folder, string program)
    {
        _shared = Path.Combine(folder, $"{program}.start");
        _own = Path.Combine(folder, $"{program}.{Path.GetRandomFileName()}");
        Play(folder);
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
            var profile = new StartProfile(folder, program);
            // However it ends: the runtime would write the file then, and nobody would move it or take it away.
            AppDomain.CurrentDomain.ProcessExit += (_, _) => profile.End();
            return profile;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The program has started: what is compiled until a while from now is kept for its next start.</summary>
    public void HasStarted()
    {
        _hasStarted = true;
        _ = EndAfterFirstCallsAsync();
    }

    private async Task EndAfterFirstCallsAsync()
    {
        await Task.Delay(FirstCalls, TimeProvider.System);
        End();
    }

    // A start that failed leaves what the one before it has kept.
    private void End()
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) == 1)
        {
            return;
        }

        try
        {
            // No name ends the noting, and writes the file.
            ProfileOptimization.StartProfile("");
            if (_hasStarted)
            {
                File.Move(_own, _shared, overwrite: true);
            }
            else
            {
                File.Delete(_own);
            }
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
