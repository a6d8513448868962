using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Orrery.Gateway.Tests.Cluster;

/// <summary>Keeps the errors that nodes log, with their exceptions, and their refusals.</summary>
public sealed class ErrorLog : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly ConcurrentQueue<string> _refusals = new();

    public IReadOnlyCollection<string> Errors => _errors;

    /// <summary>What the gateway logs of those that it turns away.</summary>
    public IReadOnlyCollection<string> Refusals => _refusals;

    public ILogger CreateLogger(string categoryName) => categoryName.EndsWith("RefusalLog", StringComparison.Ordinal) ? new Category(_refusals, LogLevel.Warning) : new Category(_errors, LogLevel.Error);

    public void Dispose()
    {
    }

    private sealed class Category(ConcurrentQueue<string> lines, LogLevel least) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                lines.Enqueue($"{formatter(state, exception)} {exception}");
            }
        }
    }
}
