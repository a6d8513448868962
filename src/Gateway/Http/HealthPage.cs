using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orrery.Rpc;

namespace Orrery.Gateway.Http;

/// <summary>Tells whoever runs a gateway how it is.</summary>
public static class HealthPage
{
    /// <summary>
    /// Answers with the health checks as JSON: <c>status</c> is <c>healthy</c>, <c>degraded</c> (calls are answered, and
    /// something is wrong) or <c>unhealthy</c>, this one with HTTP status 503; <c>checks</c> has each one by name. It says
    /// whether to send calls here. Below it, <c>/live</c> says only that the process answers, also while it drains.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The path of the first.</param>
    public static IEndpointConventionBuilder MapHealth(this IEndpointRouteBuilder endpoints, string pattern = "/health")
    {
        var health = endpoints.MapGroup(pattern);
        health.MapHealthChecks("", new HealthCheckOptions { ResponseWriter = WriteAsync });
        health.MapHealthChecks("/live", new HealthCheckOptions { ResponseWriter = WriteAsync, Predicate = _ => false });
        return health;
    }

    private static Task WriteAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(
        new Health(report.Status, report.Entries.ToDictionary(entry => entry.Key, entry => new Check(entry.Value.Status, entry.Value.Description))),
        WireJson.Options,
        context.RequestAborted);

    private sealed record Health(HealthStatus Status, Dictionary<string, Check> Checks);

    private sealed record Check(HealthStatus Status, string? Description);
}
