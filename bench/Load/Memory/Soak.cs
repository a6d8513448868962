using System.Globalization;
using Orrery.Load.Client;
using Orrery.Load.Report;
using Orrery.Load.Servers;

namespace Orrery.Load.Memory;

/// <summary>Calls of every kind at a steady rate, and what the nodes hold after each minute of it.</summary>
internal static class Soak
{
    private const int Connections = 32;
    private const double CallsPerSecond = 2000;
    private const double LargeCallsPerSecond = 20;
    private const int BatchLength = 50;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static async Task RunAsync(int minutes, CancellationToken cancellationToken)
    {
        using var servers = new ServerSet();
        await servers.StartAsync([servers.Gateway, servers.Worker], cancellationToken);
        var port = servers.Gateway.Port;
        (Exchange Exchange, double RequestsPerSecond)[] kinds =
        [
            (Exchange.Single(Rows.Here, port), CallsPerSecond),
            (Exchange.Single(Rows.There, port), CallsPerSecond),
            (Exchange.Single(Rows.OfRole, port), CallsPerSecond),
            (Exchange.Batch(Rows.There, port, BatchLength), CallsPerSecond / BatchLength),
            (Exchange.Large(Rows.There, port), LargeCallsPerSecond),
        ];
        await Comparison.AnswersAsync(new HttpDrive(kinds[1].Exchange, connections: 1), cancellationToken);

        Console.WriteLine("| minute | calls | gateway heap MB | of it large | working set | worker heap MB | of it large | working set |");
        Console.WriteLine("|-------:|------:|----------------:|------------:|------------:|---------------:|------------:|------------:|");
        for (var minute = 0; minute <= minutes; minute++)
        {
            var calls = minute == 0 ? 0 : kinds.Sum(kind => Generator.Run(kind.Exchange, Connections, Minute / kinds.Length, kind.RequestsPerSecond, cancellationToken).Calls);
            var (gateway, worker) = (await servers.Gateway.ReadMemoryAsync(cancellationToken), await servers.Worker.ReadMemoryAsync(cancellationToken));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {minute,6} | {calls,5:#,0} | {Cells(gateway)} | {Cells(worker)} |"));
        }
    }

    private static string Cells(MemoryUse use) => $"{Megabytes(use.Heap)} | {Megabytes(use.LargeObjects)} | {Megabytes(use.WorkingSet)}";

    private static string Megabytes(long bytes) => Table.Number(bytes / (1024.0 * 1024), "0.0");
}
