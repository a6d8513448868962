using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orrery.Rpc.Membership;

/// <summary>
/// Ends the process when the node can't go on: the others have declared it dead, or the seed has lost the membership.
/// At once, because a node that was replaced must answer nothing any more; whoever runs it starts it again.
/// </summary>
internal sealed partial class FatalErrorHandler(ILogger<FatalErrorHandler> logger, ILoggerFactory loggers) : IFatalErrorHandler
{
    /// <summary>The exit code (sysexits' <c>EX_SOFTWARE</c>).</summary>
    public const int ExitCode = 70;

    private readonly Lock _ending = new();

    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        // Several parts of the engine fail at once, and the log of the first would still be on its way when the second ends
        // the process.
        lock (_ending)
        {
            LogFatal(context ?? exception?.Message ?? "unknown", exception);
            loggers.Dispose();
            Environment.Exit(ExitCode);
        }
    }

    [LoggerMessage(LogLevel.Critical, "This node can't go on and ends: {Reason}")]
    private partial void LogFatal(string reason, Exception? exception);
}
