using System.Globalization;
using System.Runtime.InteropServices;
using Orrery.Load;
using Orrery.Load.Client;
using Orrery.Load.Memory;
using Orrery.Load.Servers;

if (args is ["serve", var role, ..])
{
    return await Server.RunAsync(role, args[2..]);
}

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    await (args switch
    {
        ["memory"] => IdleMemory.RunAsync(stop.Token),
        ["soak", var minutes] => Soak.RunAsync(int.Parse(minutes, CultureInfo.InvariantCulture), stop.Token),
        _ => Comparison.RunAsync(LoadOptions.Parse(args), stop.Token),
    });
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
catch (LoadException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
