using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orrery.Operations.Telemetry;

namespace Orrery.Operations;

/// <summary>Adds to a node what whoever runs it needs.</summary>
public static class OperationsHosting
{
    /// <summary>
    /// Makes a node tell how it is: probes and metrics at <c>Orrery:ManagementUrl</c>, and metrics, traces and logs by OTLP
    /// where the environment variable <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says.
    /// </summary>
    /// <param name="builder">The builder of a host that is a node.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A setting can't be used.</exception>
    public static IHostApplicationBuilder AddOrreryOperations(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddTelemetry();
        builder.Services.AddHostedService(services => new ManagementServer(
            ManagementUrl.Read(builder.Configuration),
            services,
            services.GetRequiredService<ILoggerFactory>(),
            services.GetRequiredService<ILogger<ManagementServer>>()));
        return builder;
    }
}
