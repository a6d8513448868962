using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Orrery.Rpc.Invocation;

/// <summary>One debug line a call, under the category <c>Orrery.Calls</c>. Costs a comparison when nobody listens.</summary>
internal sealed partial class CallLog(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("Orrery.Calls");

    public bool IsEnabled => _logger.IsEnabled(LogLevel.Debug);

    public void Write(string address, string nodeId, long started, RpcError? failure) =>
        Write(address, nodeId, started, failure is null ? "ok" : $"error {failure.Code} {failure.Reason}");

    public void Write(string address, string nodeId, long started, Exception? failure) =>
        Write(address, nodeId, started, failure switch
        {
            null => "ok",
            RpcException rpc => $"error {rpc.Code} {rpc.Reason}",
            _ => failure.GetType().Name,
        });

    private void Write(string address, string nodeId, long started, string outcome) =>
        LogCall(address, nodeId, Stopwatch.GetElapsedTime(started).TotalMilliseconds, outcome);

    [LoggerMessage(LogLevel.Debug, "{Address} on {NodeId} took {Milliseconds:0.000} ms: {Outcome}")]
    private partial void LogCall(string address, string nodeId, double milliseconds, string outcome);
}
