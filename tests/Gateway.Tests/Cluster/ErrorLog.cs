using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Orrery.Gateway.Tests.Cluster;

/// <summary>Keeps the errors that nodes log, with their exceptions, their refusals and their warnings.</summary>
public sealed class ErrorLog : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly ConcurrentQueue<string> _refusals = new();
    private readonly ConcurrentQueue<string> _warnings = new();

    public IReadOnlyCollection<string> Errors => _errors;

    /// <summary>What the gateway logs of those that it turns away.</summary>
    public IReadOnlyCollection<string> Refusals => _refusals;

    /// <summary>What else is logged as a warning, behind its category.</summary>
    public IReadOnlyCollection<string> Warnings => _warnings;

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Category(ErrorLog log, string name) : ILogger
    {
        private readonly bool _isRefusals = name.EndsWith("RefusalLog", StringComparison.Ordinal);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            var line = $"{formatter(state, exception)} {exception}";
            if (_isRefusals)
            {
                log._refusals.Enqueue(line);
            }
            else if (logLevel > LogLevel.Warning)
            {
                log._errors.Enqueue(line);
            }
            else
            {
                log._warnings.Enqueue($"{name}: {line}");
            }
        }
    }
}
