using System.Runtime.InteropServices;
using Orrery.History;
using Orrery.Tests;

if (HistoryOptions.Read(args) is not { } options)
{
    Console.Error.WriteLine(HistoryOptions.Help);
    return 1;
}

if (PostgresServer.Missing is { } missing)
{
    Console.Error.WriteLine(missing);
    return 1;
}

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    await Measurement.RunAsync(options, stop.Token);
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
