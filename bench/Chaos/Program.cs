using Orrery.Chaos;
using Orrery.Shared;
using Orrery.Tests;

if (Options.Read(args) is not { } options)
{
    Console.Error.WriteLine(Options.Usage);
    return 1;
}

if (PostgresServer.OwnMissing is { } missing)
{
    Console.Error.WriteLine(missing);
    return 1;
}

if (Network.CanBePrivate && !Network.IsPrivate)
{
    return await Network.RunAgainInPrivateAsync(args);
}

await using var server = await PostgresServer.StartAsync(own: true);
Console.WriteLine(Report.Head);
var allHold = true;
foreach (var scenario in options.Scenarios)
{
    if (scenario.NeedsPrivateNetwork && !Network.IsPrivate)
    {
        Console.WriteLine($"| {scenario.What} | not run: it takes Linux, root, ip and unshare |");
        continue;
    }

    var report = await scenario.RunAsync(server, options.Pace, CancellationToken.None);
    Console.WriteLine(report);
    allHold &= report.Broken.Count == 0;
}

return allHold ? 0 : 1;
