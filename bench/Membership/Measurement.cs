using Orrery.Tests;

namespace Orrery.Membership;

/// <summary>The whole run: starts the server, fills clusters of growing size, and prints a line for each operation.</summary>
internal static class Measurement
{
    private const int CallersAtOnce = 8;

    private static readonly int[] Sizes = [10, 100, 500];

    public static async Task RunAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync();
        await using var database = await TestDatabase.CreateAsync(server, cancellationToken);
        var clusters = new List<Cluster>();
        foreach (var size in Sizes)
        {
            clusters.Add(await Cluster.FillAsync(database, size, cancellationToken));
        }

        // The code is compiled and the server's pages are in memory before the first figure.
        foreach (var operation in clusters.SelectMany(Operation.All))
        {
            await Meter.RunAsync(operation, operation.IsForMany ? CallersAtOnce : 1, duration / 4, cancellationToken);
        }

        // As nodes find it: nothing is left over from filling.
        await database.ExecuteAsync("VACUUM ANALYZE", cancellationToken);
        Table.PrintHeader();
        foreach (var operation in clusters.SelectMany(Operation.All).OrderBy(operation => operation.Order))
        {
            var one = await Meter.RunAsync(operation, 1, duration, cancellationToken);
            var many = operation.IsForMany ? await Meter.RunAsync(operation, CallersAtOnce, duration, cancellationToken) : null;
            Table.Print(operation, one, many);
        }
    }
}
