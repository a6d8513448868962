using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace Orrery.Rpc.Hosting;

/// <summary>What is logged, and how, where nothing is set: the platform's own lines, one line each.</summary>
internal static class LogDefaults
{
    /// <summary>Adds them as the first of all sources, so that any other overrides them.</summary>
    public static void Add(IConfigurationBuilder configuration) => configuration.Sources.Insert(0, new MemoryConfigurationSource
    {
        InitialData = new Dictionary<string, string?>
        {
            ["Logging:Console:FormatterName"] = "simple",
            ["Logging:Console:FormatterOptions:SingleLine"] = "true",
            ["Logging:Console:FormatterOptions:TimestampFormat"] = "HH:mm:ss.fff ",
            ["Logging:LogLevel:Default"] = "Information",
            ["Logging:LogLevel:Microsoft"] = "Warning",
            // Says nothing at this level, yet costs each request an activity and a log scope. Tracing still gets its
            // activities when somebody listens.
            ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "None",
            // Why a start failed is said by NodeHost, without a stack trace.
            ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "Critical",
            ["Logging:LogLevel:Orleans"] = "Error",
            // A line with a stack trace for each call to a node that isn't there; the caller is told anyway.
            ["Logging:LogLevel:Orleans.Messaging"] = "Critical",
            ["Logging:LogLevel:Polly"] = "Error",
        },
    });
}
