using Orrery.Load.Client;
using Orrery.Load.Report;
using Orrery.Load.Servers;

namespace Orrery.Load.Memory;

/// <summary>What nodes hold that have nothing to do.</summary>
internal static class IdleMemory
{
    private const int Connections = 800;
    private const int SimulatedNodes = 998;

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        using var servers = new ServerSet();
        await servers.StartAsync([servers.Gateway, servers.Worker, servers.CrowdedGateway, servers.CrowdedWorker], cancellationToken);
        foreach (var server in new[] { servers.Gateway, servers.CrowdedGateway })
        {
            await Comparison.AnswersAsync(new HttpDrive(Exchange.Single(Rows.There, server.Port), connections: 1), cancellationToken);
        }

        var gateway = await servers.Gateway.ReadMemoryAsync(cancellationToken);
        var worker = await servers.Worker.ReadMemoryAsync(cancellationToken);
        var crowded = await servers.CrowdedGateway.ReadMemoryAsync(cancellationToken);
        var connections = Enumerable.Range(0, Connections).Select(_ => Called(servers.Gateway.Port)).ToArray();
        var connected = await servers.Gateway.ReadMemoryAsync(cancellationToken);
        Array.ForEach(connections, connection => connection.Dispose());

        var table = new Table(1, "what", "heap KB", "working set KB");
        Add(table, "a gateway that has answered a call", gateway, 1);
        Add(table, "a worker that has answered a call", worker, 1);
        Add(table, "a connection to the gateway that has made a call", connected - gateway, Connections);
        Add(table, "a node in the registry, with 20 of 200 services", crowded - gateway, SimulatedNodes);
        table.Print("Held after a full collection:", Console.Out);
    }

    private static Connection Called(int port)
    {
        var connection = new Connection(Exchange.Single(Rows.Here, port));
        connection.Call();
        return connection;
    }

    private static void Add(Table table, string what, MemoryUse use, int parts) =>
        table.Add(what, Kilobytes(use.Heap / (double)parts), Kilobytes(use.WorkingSet / (double)parts));

    private static string Kilobytes(double bytes) => Table.Number(bytes / 1024, bytes < 100 * 1024 ? "#,0.0" : "#,0");
}
