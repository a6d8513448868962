using Orrery.Load.Servers;

namespace Orrery.Load.Client;

/// <summary>Calls that a server makes to another one, with nothing but its own loops around them.</summary>
internal sealed class InsideDrive(ServerProcess caller, string kind, int loops) : Drive
{
    public override Task TryAsync(CancellationToken cancellationToken) => InsideLoad.RunAsync(caller, kind, loops: 1, TimeSpan.Zero, cancellationToken);

    public override Task<Traffic> RunAsync(TimeSpan duration, CancellationToken cancellationToken) => InsideLoad.RunAsync(caller, kind, loops, duration, cancellationToken);
}
