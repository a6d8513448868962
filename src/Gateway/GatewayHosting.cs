using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using Orrery.Gateway.Http;
using Orrery.Gateway.JsonRpc;
using Orrery.Gateway.Security;
using Orrery.Operations;
using Orrery.Rpc.Hosting;

namespace Orrery.Gateway;

/// <summary>Makes a web application a gateway.</summary>
public static class GatewayHosting
{
    private const string DefaultUrl = "http://127.0.0.1:8080";

    /// <summary>
    /// Makes the application a node that serves JSON-RPC: with nothing set, one that has every role, keeps the
    /// membership, and listens on 127.0.0.1:8080. <see cref="JsonRpcHosting.MapJsonRpc"/> says at which path.
    /// </summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="args">The program's arguments; see <see cref="NodeCommandLine"/>.</param>
    /// <param name="configure">Says what the node hosts.</param>
    public static WebApplicationBuilder AddOrreryGateway(this WebApplicationBuilder builder, string[] args, Action<NodeBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        // Ahead of the node, so that its line is the first.
        builder.Services.AddHostedService<Announcement>();
        builder.Services.AddSingleton<Door>();
        builder.Services.AddSingleton<GatewayDrain>();
        builder.Services.AddSingleton<IStartupFilter>(services => services.GetRequiredService<GatewayDrain>());
        builder.Services.AddHostedService(services => services.GetRequiredService<GatewayDrain>());
        builder.AddOrreryNode(args, configure, new NodeDefaults(["gateway", "coordinator", "worker"], BecomesSeed: true));
        builder.AddOrreryOperations();
        builder.Services.AddJsonRpc();

        var urls = Urls(builder.Configuration);
        SafeListening.Check([.. urls.Select(Parse)], builder.Configuration);
        builder.WebHost.UseUrls(urls);
        AddServer(builder);
        builder.Services.AddOptions<NodeOptions>().PostConfigure(options => options.Url ??= Advertised(urls));
        return builder;
    }

    private static void AddServer(WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<SocketTransportOptions>().Configure<Door>((sockets, door) => sockets.CreateBoundListenSocket = door.Watch(sockets.CreateBoundListenSocket));
        var tls = TlsSettings.Read(builder.Configuration);
        if (tls is not null)
        {
            builder.Services.AddSingleton(tls);
            builder.Services.AddSingleton<GatewayTls>();
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            ServerLimits.Set(kestrel.Limits, builder.Configuration);
            if (tls is not null)
            {
                // Now, so that files which can't be used stop the start.
                kestrel.ConfigureHttpsDefaults(kestrel.ApplicationServices.GetRequiredService<GatewayTls>().Configure);
            }

            // Of all that set these only the last one counts, and for endpoints added after it.
            kestrel.ConfigureEndpointDefaults(listen =>
            {
                listen.Use(listen.ApplicationServices.GetRequiredService<Door>().Watch);
                listen.UseHttp2PriorKnowledge();
            });
        });
    }

    // A port 0 is chosen here and not by the server: the node tells the others its address before the server listens.
    private static string[] Urls(ConfigurationManager configuration)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>().ToArray();
        var urls = endpoints.Length > 0 ? endpoints : (configuration["urls"] ?? DefaultUrl).Split([';', ','], StringSplitOptions.RemoveEmptyEntries);
        return [.. urls.Select(url => Parse(url) is { Port: 0, IsUnixPipe: false } any ? $"{any.Scheme}://{any.Host}:{LoopbackPort.Free()}{any.PathBase}" : url)];
    }

    private static BindingAddress Parse(string url)
    {
        try
        {
            return BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            throw new OptionsValidationException(
                "urls",
                typeof(NodeOptions),
                [$"urls: '{url}' is not an address to listen on. Write it like {DefaultUrl}, in appsettings.json, as the environment variable ASPNETCORE_URLS, or with --urls."]);
        }
    }

    private static string? Advertised(string[] urls) => urls
        .Select(Parse)
        .Where(address => !address.IsUnixPipe && !address.IsNamedPipe)
        .Select(address => $"{address.Scheme}://{(address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? Environment.MachineName : address.Host)}:{address.Port}")
        .FirstOrDefault();
}
