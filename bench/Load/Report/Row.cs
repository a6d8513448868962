using Orrery.Load.Client;
using Orrery.Load.Servers;

namespace Orrery.Load.Report;

/// <summary>One line of the table: one kind of call to one server.</summary>
/// <param name="Work">The kind of call; rows of one kind are compared.</param>
/// <param name="Server">Who answers.</param>
/// <param name="Exchange">The request.</param>
/// <param name="Processes">The processes that a call passes through.</param>
internal sealed record Row(string Work, string Server, Exchange Exchange, params ServerProcess[] Processes)
{
    public const string Gateway = "(a) gateway";
    public const string ByRole = "(a) by role";
    public const string Handwritten = "(b) hand-written";
    public const string Bare = "(c) bare";
    public const string SecuredBare = "(c) bare, TLS";
    public const string WithToken = "(d) token";
    public const string Secured = "(e) TLS, token";
    public const string Observed = "(f) observed";
    public const string Unobserved = "(g) unobserved";
    public const string Crowded = "(h) 1,000 nodes";

    private const string Here = "echo/say";
    private const string There = "echo/worker-1/say";
    private const string OfRole = "echo/worker/say";
    private const int BatchLength = 50;

    public string Name => $"{Work}, {Server}";

    public List<Measurement> Measurements { get; } = [];

    public static IReadOnlyList<Row> All(ServerSet servers) =>
    [
        new("same node", Gateway, Exchange.Single(Here, servers.Gateway.Port), servers.Gateway),
        new("same node", Handwritten, Exchange.Single(Here, servers.Handwritten.Port), servers.Handwritten),
        new("same node", Bare, Exchange.Single(Here, servers.Bare.Port), servers.Bare),
        new("same node", SecuredBare, Exchange.WithToken(Here, servers.Bare.SecuredPort, servers.Credentials.Token, isSecured: true), servers.Bare),
        new("same node", WithToken, Exchange.WithToken(Here, servers.SecuredGateway.Port, servers.Credentials.Token, isSecured: false), servers.SecuredGateway),
        new("same node", Secured, Exchange.WithToken(Here, servers.SecuredGateway.SecuredPort, servers.Credentials.Token, isSecured: true), servers.SecuredGateway),
        new("same node", Observed, Exchange.Single(Here, servers.ObservedGateway.Port), servers.ObservedGateway),
        new("same node", Unobserved, Exchange.Single(Here, servers.UnobservedGateway.Port), servers.UnobservedGateway),
        new("same node", Crowded, Exchange.Single(Here, servers.CrowdedGateway.Port), servers.CrowdedGateway),
        new("other node", Gateway, Exchange.Single(There, servers.Gateway.Port), servers.Gateway, servers.Worker),
        new("other node", ByRole, Exchange.Single(OfRole, servers.Gateway.Port), servers.Gateway, servers.Worker),
        new("other node", Secured, Exchange.WithToken(There, servers.SecuredGateway.SecuredPort, servers.Credentials.Token, isSecured: true), servers.SecuredGateway, servers.SecuredWorker),
        new("other node", Observed, Exchange.Single(There, servers.ObservedGateway.Port), servers.ObservedGateway, servers.ObservedWorker),
        new("other node", Unobserved, Exchange.Single(There, servers.UnobservedGateway.Port), servers.UnobservedGateway, servers.UnobservedWorker),
        new("other node", Crowded, Exchange.Single(There, servers.CrowdedGateway.Port), servers.CrowdedGateway, servers.CrowdedWorker),
        new("other node", Handwritten, Exchange.Single(Here, servers.HandwrittenHttp.Port), servers.HandwrittenHttp, servers.HandwrittenWorker),
        new("batch of 50, same node", Gateway, Exchange.Batch(Here, servers.Gateway.Port, BatchLength), servers.Gateway),
        new("batch of 50, same node", Handwritten, Exchange.Batch(Here, servers.Handwritten.Port, BatchLength), servers.Handwritten),
        new("batch of 50, other node", Gateway, Exchange.Batch(There, servers.Gateway.Port, BatchLength), servers.Gateway, servers.Worker),
        new("batch of 50, other node", Handwritten, Exchange.Batch(Here, servers.HandwrittenHttp.Port, BatchLength), servers.HandwrittenHttp, servers.HandwrittenWorker),
    ];

    public double Median(Func<Measurement, double> figure)
    {
        var sorted = Measurements.Select(figure).Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}

/// <summary>The figures of one row in one round.</summary>
internal readonly record struct Measurement(double CallsPerSecond, double P50, double P99, double BytesPerCall, double CpuPerCall)
{
    public static Measurement Of(Traffic traffic, Costs costs) => new(
        traffic.Calls / traffic.Elapsed.TotalSeconds,
        traffic.Latencies.Microseconds(0.50),
        traffic.Latencies.Microseconds(0.99),
        costs.AllocatedBytes / traffic.Calls,
        costs.CpuMicroseconds / traffic.Calls);
}
