using System.Net;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orrery.Gateway.JsonRpc;
using Orrery.Rpc.Hosting;

namespace Orrery.Gateway.Security;

/// <summary>Who may call, what, and how often.</summary>
internal static class SecurityHosting
{
    public static void AddSecurity(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => AuthenticationMeans.Read(provider.GetRequiredService<IConfiguration>()));
        services.AddSingleton<Grants>();
        services.AddSingleton<CallerIdentification>();
        services.AddSingleton<RefusalLog>();
        services.AddSingleton<RateLimits>();
        services.AddOptions<RateLimitOptions>()
            .BindConfiguration(RateLimitOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations()
            .Validate(options => options.Methods.Values.All(perSecond => perSecond > 0), "Orrery:RateLimits:Methods: calls per second must be more than 0.")
            .ValidateOnStart();
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>, TokenValidation>();
        services.AddSingleton<IPostConfigureOptions<JwtBearerOptions>, JwtBearerPostConfigureOptions>();
        services.AddCors();
        services.AddSingleton<IStartupFilter, EdgeFilter>();
    }

    /// <summary>What acts before the endpoint, and only where it is asked for: what proxies say, and web pages of other origins.</summary>
    private sealed class EdgeFilter(IConfiguration configuration, IOptions<JsonRpcOptions> options) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            if (Proxies() is { } proxies)
            {
                app.UseForwardedHeaders(proxies);
            }

            if (RequestRules.Split(options.Value.AllowedOrigins) is { Length: > 0 } origins)
            {
                app.UseCors(policy => policy.WithOrigins(origins).AllowAnyHeader().WithMethods(HttpMethods.Post));
            }

            next(app);
        };

        private ForwardedHeadersOptions? Proxies()
        {
            var settings = new Settings(configuration);
            var proxies = settings.List("Proxies");
            var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var proxy in proxies)
            {
                if (IPAddress.TryParse(proxy, out var address))
                {
                    options.KnownProxies.Add(address);
                }
                else if (System.Net.IPNetwork.TryParse(proxy, out var network))
                {
                    options.KnownIPNetworks.Add(network);
                }
                else
                {
                    settings.Fail("Proxies", $"'{proxy}' is neither an address nor a network. Write it like 10.0.0.7 or 10.0.0.0/24");
                }
            }

            settings.ThrowIfFailed();
            return proxies.Count == 0 ? null : options;
        }
    }
}
