using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Orrery.Rpc;
using Orrery.Rpc.Health;

namespace Orrery.Operations.Health;

/// <summary>Tells whoever runs a node how it is.</summary>
public static class HealthPage
{
    private static readonly HealthReport Starting = Report("start", HealthStatus.Unhealthy, "The node is starting. Its log says what it waits for.");
    private static readonly HealthReport Started = Report("start", HealthStatus.Healthy, "The node has started.");
    private static readonly HealthReport AliveAtStart = Report("start", HealthStatus.Healthy, "The node is starting.");

    /// <summary>
    /// Answers how the node is, as JSON: <c>status</c> is <c>healthy</c>, <c>degraded</c> (calls are answered, and something
    /// is wrong) or <c>unhealthy</c>, this one with HTTP status 503; <c>checks</c> has each check by name, with the reason.
    /// Below the path, <c>/live</c> says whether to restart the node, <c>/ready</c>, as the path itself does, whether to send
    /// calls, and <c>/startup</c> whether it has started.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The path.</param>
    public static IEndpointConventionBuilder MapHealth(this IEndpointRouteBuilder endpoints, string pattern = "/health")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return MapHealth(endpoints, endpoints.ServiceProvider, pattern);
    }

    /// <summary>The same for a node whose services are not the application's own.</summary>
    internal static IEndpointConventionBuilder MapHealth(IEndpointRouteBuilder endpoints, IServiceProvider node, string pattern)
    {
        // What the checks are made of may not exist before the start is over.
        var lifetime = node.GetRequiredService<IHostApplicationLifetime>();
        var checks = new Lazy<HealthCheckService>(node.GetRequiredService<HealthCheckService>);
        var health = endpoints.MapGroup(pattern);
        health.MapGet("", WriteReadyAsync);
        health.MapGet("/ready", WriteReadyAsync);
        health.MapGet("/live", context => WriteAsync(context, AliveAtStart, isLive: true));
        health.MapGet("/startup", context => WriteAsync(context, lifetime.ApplicationStarted.IsCancellationRequested ? Started : Starting));
        return health;

        Task WriteReadyAsync(HttpContext context) => WriteAsync(context, Starting, isLive: false);

        async Task WriteAsync(HttpContext context, HealthReport atStart, bool? isLive = null) => await Write(
            context,
            isLive is null || !lifetime.ApplicationStarted.IsCancellationRequested
                ? atStart
                : await checks.Value.CheckHealthAsync(check => check.Tags.Contains(HealthTags.Live) == isLive, context.RequestAborted));
    }

    private static Task Write(HttpContext context, HealthReport report)
    {
        context.Response.StatusCode = report.Status is HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(
            new Health(report.Status, report.Entries.ToDictionary(entry => entry.Key, entry => new Check(entry.Value.Status, entry.Value.Description))),
            WireJson.Options,
            context.RequestAborted);
    }

    private static HealthReport Report(string check, HealthStatus status, string description) =>
        new(new Dictionary<string, HealthReportEntry> { [check] = new(status, description, TimeSpan.Zero, null, null) }, TimeSpan.Zero);

    private sealed record Health(HealthStatus Status, Dictionary<string, Check> Checks);

    private sealed record Check(HealthStatus Status, string? Description);
}
