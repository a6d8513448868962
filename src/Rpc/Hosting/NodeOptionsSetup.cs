using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orrery.Rpc.Addressing;
using Orrery.Rpc.Database;
using Orrery.Rpc.Security;

namespace Orrery.Rpc.Hosting;

/// <summary>Reads <see cref="NodeOptions"/> from the configuration, completes them, and refuses what can't work.</summary>
internal sealed class NodeOptionsSetup(IConfiguration configuration, NodeDefaults defaults, PortHolder ports, IOptions<HostOptions> host, DatabaseSettings? database = null, NodeTlsSettings? tls = null) : IConfigureOptions<NodeOptions>
{
    private const int SeedSiloPort = 11111;
    private const int SeedClientPort = 30000;
    private const string WithoutTls = $"{DangerousSettings.Section}:{DangerousSettings.ConnectNodesWithoutTls}";

    private static readonly string[] StandardRoles = ["coordinator", "worker", "gateway"];

    private static readonly string[] Keys =
        [
            "NodeId", "Roles", "Capabilities", "ClusterId", "Seed", "Address", "SiloPort", "ClientPort", "Url", "ManagementUrl", "StopAcceptingAfter", "Services", "StableRoles",
            "Database", "JsonRpc", "Metrics", "Calls", "Nodes", "NodeTls", "Tls", "Authentication", "Authorization", "RateLimits",
            "Proxies", "Dangerously", "Kubernetes",
        ];

    public void Configure(NodeOptions options)
    {
        var settings = new Settings(configuration);
        settings.AllowOnly(Keys);
        settings.AllowOnly(["Migrate"], "Database");
        settings.AllowOnly(DangerousSettings.Keys, DangerousSettings.Section);

        var roles = settings.List("Roles");
        options.Roles = roles.Count > 0 ? roles : defaults.Roles;
        options.StandsIn = roles.Count == 0;
        options.Capabilities = settings.List("Capabilities");
        options.ClusterId = settings.Text("ClusterId") ?? options.ClusterId;
        options.Address = settings.Address("Address") ?? options.Address;
        options.Seed = Seed(settings, options.Address);
        options.Url = settings.Text("Url");
        options.StopAcceptingAfter = settings.Duration("StopAcceptingAfter");
        options.SiloPort = Port(settings, "SiloPort", options.Address, preferred: defaults.BecomesSeed ? options.Seed?.Port : null);
        options.ClientPort = Port(settings, "ClientPort", options.Address, preferred: options.IsSeed ? SeedClientPort : null);
        options.NodeId = settings.Text("NodeId") ?? $"{options.Roles[0]}-{options.SiloPort}";

        Validate(options, settings);
        settings.ThrowIfFailed();
    }

    private IPEndPoint? Seed(Settings settings, IPAddress address)
    {
        var seed = settings.EndPoint("Seed");
        if (database is null)
        {
            return seed ?? new IPEndPoint(defaults.BecomesSeed ? address : IPAddress.Loopback, SeedSiloPort);
        }

        if (seed is not null)
        {
            settings.Fail("Seed", $"the membership is in the database that {DatabaseSettings.ConnectionKey} names, so there is no seed. Leave one of the two out");
        }

        return null;
    }

    private int Port(Settings settings, string key, IPAddress address, int? preferred)
    {
        // Of an address of another machine, which is refused below, every port would seem to be taken.
        var here = IsHere(address) ? address : IPAddress.Loopback;
        if (settings.Port(key) is not { } port)
        {
            return preferred is { } wish && ports.TryTake(here, wish) ? wish : LoopbackPort.Free(here);
        }

        if (!ports.TryTake(here, port))
        {
            settings.Fail(key, $"another program, or this node itself, uses the port {port}. Choose another one, or leave it out for a free one");
        }

        return port;
    }

    private static bool IsHere(IPAddress address)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Validate(NodeOptions options, Settings settings)
    {
        foreach (var role in options.Roles.Where(role => !Names.IsTarget(role)))
        {
            settings.Fail("Roles", $"'{role}' can't be a role. A role is a letter or digit, then up to 62 letters, digits, '.', '_' or '-'");
        }

        if (!Names.IsTarget(options.NodeId!))
        {
            settings.Fail("NodeId", $"'{options.NodeId}' can't be a node id. A node id is a letter or digit, then up to 62 letters, digits, '.', '_' or '-'");
        }

        if (options.Roles.Concat(StandardRoles).Contains(options.NodeId))
        {
            settings.Fail("NodeId", $"'{options.NodeId}' is also a role, so nobody could address the node. Choose another id, like '{options.NodeId}-1'");
        }

        if (!(IPAddress.IsLoopback(options.Address) && IPAddress.IsLoopback(options.Seed?.Address ?? options.Address)) && tls is null && !settings.Flag(WithoutTls))
        {
            settings.Fail(
                IPAddress.IsLoopback(options.Address) ? "Seed" : "Address",
                $"whoever reaches the ports of a node that do not ask for certificates is the cluster's master. Set Orrery:NodeTls:Certificate, Orrery:NodeTls:Key and Orrery:NodeTls:Ca, or use a loopback address; where something else sees to it, set {Settings.Section}:{WithoutTls} to true");
        }

        if (!IsHere(options.Address))
        {
            settings.Fail("Address", $"{options.Address} is not an address of this machine, and the node listens there. Give one that it has");
        }

        if (options.Url is { } url && !(Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            settings.Fail("Url", $"'{url}' is not an HTTP address. Write it like http://127.0.0.1:8080");
        }

        if (options.StopAcceptingAfter > host.Value.ShutdownTimeout / 2)
        {
            settings.Fail("StopAcceptingAfter", $"{options.StopAcceptingAfter:c} leaves the node too little of the {host.Value.ShutdownTimeout:c} in which it has to stop. Give half of that at most, or more seconds as shutdownTimeoutSeconds");
        }
    }
}
