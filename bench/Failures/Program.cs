using System.Globalization;
using Orrery.Failures;
using Orrery.Shared;
using Orrery.Tests;

if (Options(args) is not var (rounds, only))
{
    Console.Error.WriteLine("The options are --rounds 5, how often each failure is provoked, from 1 to 100, and --only <a word of those failures>.");
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
await using var cluster = new Cluster(await server.CreateDatabaseAsync());
Console.WriteLine("| failure | least ms | median ms | most ms |");
Console.WriteLine("|---|---:|---:|---:|");
foreach (var failure in Failure.All.Where(failure => failure.Name.Contains(only, StringComparison.Ordinal) && (!failure.NeedsPrivateNetwork || Network.IsPrivate)))
{
    var times = new List<double>();
    for (var round = 0; round < rounds; round++)
    {
        await cluster.StartAsync();
        times.Add(await failure.MeasureAsync(cluster));
    }

    times.Sort();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {failure.Name} | {times[0]:#,0} | {times[times.Count / 2]:#,0} | {times[^1]:#,0} |"));
}

if (!Network.IsPrivate)
{
    Console.WriteLine("Not measured: an address that vanishes. It takes Linux, root, ip and unshare.");
}

return 0;

static (int Rounds, string Only)? Options(string[] args)
{
    var (rounds, only) = (5, "");
    foreach (var option in args.Chunk(2))
    {
        switch (option)
        {
            case ["--rounds", var text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out rounds) && rounds is > 0 and <= 100:
                break;
            case ["--only", var word]:
                only = word;
                break;
            default:
                return null;
        }
    }

    return (rounds, only);
}
