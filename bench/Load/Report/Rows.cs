using Orrery.Load.Client;
using Orrery.Load.Servers;

namespace Orrery.Load.Report;

/// <summary>What can be measured.</summary>
internal static class Rows
{
    public const string SameNode = "same node";
    public const string OtherNode = "other node";
    public const string BatchSameNode = "batch of 50, same node";
    public const string BatchOtherNode = "batch of 50, other node";
    public const string LargeSameNode = "1 MiB, same node";
    public const string LargeOtherNode = "1 MiB, other node";
    public const string OneConnection = "1 connection";
    public const string AtHalfRate = "half rate";
    public const string InsideNode = "inside, node";
    public const string InsideRole = "inside, role";
    public const string InsideDynamic = "inside, dynamic";
    public const string OneWorker = "1 worker";
    public const string TwoWorkers = "2 workers";
    public const string FourWorkers = "4 workers";
    public const string Peers = "peers";

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

    public const string Moleculer = "(i) Moleculer";
    public const string Python = "(j) Python";

    public const string Typed = "(a) typed";
    public const string Dynamic = "(a) dynamic";
    public const string Reference = "(b) reference";

    public const string Here = "echo/say";
    public const string There = $"echo/{ServerSet.WorkerId}/say";
    public const string OfRole = $"echo/{ServerSet.WorkerRole}/say";
    private const int BatchLength = 50;

    /// <summary>The kinds of calls, in the order of the table.</summary>
    public static IReadOnlyList<string> Works { get; } =
    [
        SameNode, OtherNode, OneConnection, AtHalfRate, BatchSameNode, BatchOtherNode, LargeSameNode, LargeOtherNode,
        InsideNode, InsideRole, InsideDynamic, OneWorker, TwoWorkers, FourWorkers, Peers,
    ];

    /// <summary>The rows of all kinds, on these servers.</summary>
    public static IReadOnlyList<Row> All(ServerSet servers, int connections) =>
        [.. Calls(servers, connections), .. Scaling(servers, connections), .. OfPeers(servers, connections)];

    // From outside, then from node to node.
    private static IReadOnlyList<Row> Calls(ServerSet servers, int connections)
    {
        var half = new HalfRate();
        return
        [
            new(SameNode, Gateway, Single(Here, servers.Gateway), servers.Gateway),
            new(SameNode, Handwritten, Single(Here, servers.Handwritten), servers.Handwritten),
            new(SameNode, Bare, Single(Here, servers.Bare), servers.Bare),
            new(SameNode, SecuredBare, WithTokenTo(Here, servers.Bare.SecuredPort, isSecured: true), servers.Bare),
            new(SameNode, WithToken, WithTokenTo(Here, servers.SecuredGateway.Port, isSecured: false), servers.SecuredGateway),
            new(SameNode, Secured, WithTokenTo(Here, servers.SecuredGateway.SecuredPort, isSecured: true), servers.SecuredGateway),
            new(SameNode, Observed, Single(Here, servers.ObservedGateway), servers.ObservedGateway),
            new(SameNode, Unobserved, Single(Here, servers.UnobservedGateway), servers.UnobservedGateway),
            new(OtherNode, Gateway, Single(There, servers.Gateway), servers.Gateway, servers.Worker),
            new(OtherNode, ByRole, Single(OfRole, servers.Gateway), servers.Gateway, servers.Worker),
            new(OtherNode, Secured, WithTokenTo(There, servers.SecuredGateway.SecuredPort, isSecured: true), servers.SecuredGateway, servers.SecuredWorker),
            new(OtherNode, Observed, Single(There, servers.ObservedGateway), servers.ObservedGateway, servers.ObservedWorker),
            new(OtherNode, Unobserved, Single(There, servers.UnobservedGateway), servers.UnobservedGateway, servers.UnobservedWorker),
            new(OtherNode, Crowded, Single(There, servers.CrowdedGateway), servers.CrowdedGateway, servers.CrowdedWorker),
            new(OtherNode, Handwritten, Single(Here, servers.HandwrittenHttp), servers.HandwrittenHttp, servers.HandwrittenWorker),
            new(OneConnection, Gateway, Alone(There, servers.Gateway), servers.Gateway, servers.Worker),
            new(OneConnection, Handwritten, Alone(Here, servers.HandwrittenHttp), servers.HandwrittenHttp, servers.HandwrittenWorker),
            new(AtHalfRate, Gateway, Paced(There, servers.Gateway), servers.Gateway, servers.Worker),
            new(AtHalfRate, Handwritten, Paced(Here, servers.HandwrittenHttp), servers.HandwrittenHttp, servers.HandwrittenWorker),
            new(BatchSameNode, Gateway, Batch(Here, servers.Gateway), servers.Gateway),
            new(BatchSameNode, Handwritten, Batch(Here, servers.Handwritten), servers.Handwritten),
            new(BatchOtherNode, Gateway, Batch(There, servers.Gateway), servers.Gateway, servers.Worker),
            new(BatchOtherNode, Handwritten, Batch(Here, servers.HandwrittenHttp), servers.HandwrittenHttp, servers.HandwrittenWorker),
            new(LargeSameNode, Gateway, Large(Here, servers.Gateway), servers.Gateway),
            new(LargeSameNode, Handwritten, Large(Here, servers.Handwritten), servers.Handwritten),
            new(LargeOtherNode, Gateway, Large(There, servers.Gateway), servers.Gateway, servers.Worker),
            new(LargeOtherNode, Handwritten, Large(Here, servers.HandwrittenHttp), servers.HandwrittenHttp, servers.HandwrittenWorker),
            new(InsideNode, Typed, Within(servers.Gateway, "typed-node"), servers.Gateway, servers.Worker),
            ByReference(InsideNode),
            new(InsideRole, Typed, Within(servers.Gateway, "typed-role"), servers.Gateway, servers.Worker),
            ByReference(InsideRole),
            new(InsideDynamic, Dynamic, Within(servers.Gateway, "dynamic"), servers.Gateway, servers.Worker),
            ByReference(InsideDynamic),
        ];

        Row ByReference(string work) => new(work, Reference, Within(servers.HandwrittenHttp, "reference"), servers.HandwrittenHttp, servers.HandwrittenWorker);

        HttpDrive Single(string method, ServerProcess server) => new(Exchange.Single(method, server.Port), connections);
        HttpDrive Alone(string method, ServerProcess server) => new(Exchange.Single(method, server.Port), connections: 1);
        HttpDrive Paced(string method, ServerProcess server) => new(Exchange.Single(method, server.Port), connections, half);
        HttpDrive Batch(string method, ServerProcess server) => new(Exchange.Batch(method, server.Port, BatchLength), connections);
        HttpDrive Large(string method, ServerProcess server) => new(Exchange.Large(method, server.Port), connections);
        HttpDrive WithTokenTo(string method, int port, bool isSecured) => new(Exchange.WithToken(method, port, servers.Credentials.Token, isSecured), connections);
        InsideDrive Within(ServerProcess server, string kind) => new(server, kind, connections);
    }

    // Through one gateway to more and more workers.
    private static IReadOnlyList<Row> Scaling(ServerSet servers, int connections)
    {
        return [To(OneWorker, "one", 1), To(TwoWorkers, "two", 2), To(FourWorkers, "four", 4)];

        Row To(string work, string role, int workers) => new(
            work,
            ByRole,
            new HttpDrive(Exchange.Single($"echo/{role}/say", servers.ScaledGateway.Port), connections),
            [servers.ScaledGateway, .. servers.ScaledWorkers.Take(workers)]);
    }

    // The same call to another node, in other systems.
    private static IReadOnlyList<Row> OfPeers(ServerSet servers, int connections) =>
    [
        new(Peers, Gateway, new HttpDrive(Exchange.Single(There, servers.Gateway.Port), connections), servers.Gateway, servers.Worker),
        new(Peers, Moleculer, new HttpDrive(Exchange.Plain(servers.MoleculerGateway.Port), connections), servers.MoleculerGateway, servers.MoleculerWorker),
        new(Peers, Python, new HttpDrive(Exchange.Single(There, servers.PythonGateway.Port), connections), servers.PythonGateway, servers.PythonWorker),
    ];
}
