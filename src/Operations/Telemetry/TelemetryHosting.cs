using System.Collections.Frozen;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Telemetry;

namespace Orrery.Operations.Telemetry;

/// <summary>
/// Sets up OpenTelemetry. Its own environment variables hold: <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and the others of the
/// exporter, <c>OTEL_TRACES_SAMPLER</c>, <c>OTEL_SERVICE_NAME</c>, <c>OTEL_RESOURCE_ATTRIBUTES</c>, and with
/// <c>OTEL_SDK_DISABLED</c> there is none of it.
/// </summary>
internal static class TelemetryHosting
{
    private const string Disabled = "OTEL_SDK_DISABLED";
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Sampler = "OTEL_TRACES_SAMPLER";

    // Orleans counts each message a dozen times on its way, some with a label for each start of each node. That costs more
    // than all other metrics together, and says less of calls than those that name the method.
    private static readonly FrozenSet<string> OfEachMessage =
    [
        "orleans-messaging-sent-messages-size",
        "orleans-messaging-sent-header-size",
        "orleans-messaging-received-messages-size",
        "orleans-messaging-received-header-size",
        "orleans-messaging-processing-dispatcher-received",
        "orleans-messaging-processing-dispatcher-processed",
        "orleans-messaging-processing-ima-received",
        "orleans-directory-lookups-cache-issued",
        "orleans-directory-lookups-cache-successes",
    ];

    private static readonly TimeSpan TraceInterval = TimeSpan.FromMilliseconds(100);

    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        // What a log line is part of, where it is written as JSON. The lines for people stay short.
        builder.Logging.Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        builder.Services.Configure<JsonConsoleFormatterOptions>(options => options.IncludeScopes = true);

        if (bool.TryParse(builder.Configuration[Disabled], out var isDisabled) && isDisabled)
        {
            return;
        }

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddDetector(services => ActivatorUtilities.CreateInstance<NodeResource>(services)).AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics
                .AddView(instrument => OfEachMessage.Contains(instrument.Name) ? MetricStreamConfiguration.Drop : null)
                .AddMeter(TelemetryNames.Meter, "Microsoft.Orleans", "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel", "Npgsql")
                .AddPrometheusExporter());
        // As soon as the node knows who it is, on another thread, while its parts are made: whoever needs it then waits for it.
        builder.Services.AddOptions<NodeOptions>().PostConfigure<IServiceProvider>((_, services) => Task.Run(services.GetService<MeterProvider>));
        if (builder.Configuration[Endpoint] is { Length: > 0 })
        {
            // What is begun is kept, unless the operator chooses: a sampler is asked when a span has cost most of what it costs.
            CallSpans.Interval = builder.Configuration[Sampler] is { Length: > 0 } ? TimeSpan.Zero : TraceInterval;
            telemetry.WithTracing(tracing => tracing.AddSource(TelemetryNames.ActivitySource)).WithLogging().UseOtlpExporter();
        }
    }
}
