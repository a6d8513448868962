using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Orrery.Rpc.Database;

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
            // A line at each question for the health of a node without its database; DatabaseWatch says it once.
            ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "Error",
            ["Logging:LogLevel:Orleans"] = "Error",
            // A line with a stack trace for each call to a node that isn't there; the caller is told anyway.
            ["Logging:LogLevel:Orleans.Messaging"] = "Critical",
            // Why a start failed is said by NodeHost, without a stack trace.
            ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "Critical",
            ["Logging:LogLevel:Orleans.Runtime.SiloLifecycleSubject"] = "None",
            ["Logging:LogLevel:Orleans.Runtime.Silo"] = "None",
            // That a node which is gone could not be told to stop its work.
            ["Logging:LogLevel:Orleans.Runtime.GrainCallCancellationManager"] = "None",
            // What the storage throws is said by StateStorage, without a stack trace.
            ["Logging:LogLevel:Orleans.Storage"] = "None",
            [$"Logging:LogLevel:{typeof(StateStorage).FullName}"] = "None",
            // The database is away: DatabaseWatch says it once, this with a stack trace at each attempt.
            ["Logging:LogLevel:Orleans.Runtime.MembershipService.MembershipTableManager"] = "Critical",
            ["Logging:LogLevel:Polly"] = "Error",
        },
    });
}
