using Orrery.Gateway.Security;
using Orrery.Rpc.Invocation;

namespace Orrery.Gateway.JsonRpc;

/// <summary>Adds JSON-RPC 2.0 over HTTP to a web application that is a node or a client of a cluster.</summary>
public static class JsonRpcHosting
{
    /// <summary>Registers what <see cref="MapJsonRpc"/> needs. The limits come from <c>Orrery:JsonRpc</c>.</summary>
    public static IServiceCollection AddJsonRpc(this IServiceCollection services, Action<JsonRpcOptions>? configure = null)
    {
        var options = services.AddOptions<JsonRpcOptions>().BindConfiguration("Orrery:JsonRpc", binder => binder.ErrorOnUnknownConfiguration = true).ValidateDataAnnotations().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.AddSingleton<JsonRpcEndpoint>();
        services.AddSingleton<RequestRules>();
        services.AddSingleton<RequestBody>();
        services.AddSecurity();
        return services;
    }

    /// <summary>Answers JSON-RPC at a path, and shows a page about it to browsers there.</summary>
    /// <exception cref="InvalidOperationException"><see cref="AddJsonRpc"/> or the node is missing.</exception>
    public static IEndpointConventionBuilder MapJsonRpc(this IEndpointRouteBuilder endpoints, string pattern = "/rpc")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (endpoints.ServiceProvider.GetService<CallInvoker>() is null)
        {
            throw new InvalidOperationException("MapJsonRpc needs a cluster. Call builder.AddOrreryNode(args) or builder.AddOrreryClient() first.");
        }

        var endpoint = endpoints.ServiceProvider.GetService<JsonRpcEndpoint>()
            ?? throw new InvalidOperationException("MapJsonRpc needs its services. Call builder.Services.AddJsonRpc() first.");
        return endpoints.Map(pattern, context => BrowserPage.IsWanted(context.Request) ? BrowserPage.WriteAsync(context, pattern) : endpoint.HandleAsync(context))
            .WithMetadata(new JsonRpcPath(pattern));
    }
}

/// <summary>Marks the endpoint, so that others can say where it is.</summary>
internal sealed record JsonRpcPath(string Pattern);
