namespace Orrery.Load.Client;

/// <summary>Calls from outside, on a number of connections: as fast as they are answered, or at a steady rate.</summary>
internal sealed class HttpDrive(Exchange exchange, int connections, HalfRate? rate = null) : Drive
{
    public override Task TryAsync(CancellationToken cancellationToken)
    {
        using var connection = new Connection(exchange);
        connection.Call();
        return Task.CompletedTask;
    }

    public override Task<Traffic> RunAsync(TimeSpan duration, CancellationToken cancellationToken) =>
        Task.FromResult(Generator.Run(exchange, connections, duration, rate?.CallsPerSecond, cancellationToken));

    // As fast as they are answered in any case: what is called more often is compiled for good sooner.
    public override Task WarmUpAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var traffic = Generator.Run(exchange, connections, duration, callsPerSecond: null, cancellationToken);
        rate?.SetFrom(traffic);
        return Task.CompletedTask;
    }
}
