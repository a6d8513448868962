using System.Globalization;
using System.Runtime.InteropServices;
using Orrery.Membership;
using Orrery.Tests;

if (Seconds(args) is not { } seconds)
{
    Console.Error.WriteLine("The only option is --seconds 1: how long each figure is measured, more than 0 and at most 60.");
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
    await Measurement.RunAsync(TimeSpan.FromSeconds(seconds), stop.Token);
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

static double? Seconds(string[] args) => args switch
{
    [] => 1,
    ["--seconds", var text] when double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 60 => number,
    _ => null,
};
