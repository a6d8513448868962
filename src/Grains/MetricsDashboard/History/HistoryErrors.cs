using System.Data.Common;
using Orrery.Rpc;

namespace Orrery.Grains.MetricsDashboard.History;

/// <summary>What a caller is told when the database failed: that of a driver's exceptions reaches no other node.</summary>
internal static class HistoryErrors
{
    public static RpcException NotWritten() => Unavailable("The report could not be stored");

    public static RpcException TooManyWaiting() => Unavailable("The report could not be stored, since too many others wait to be");

    public static RpcException NotRead() => Unavailable("The history could not be read");

    /// <summary>Whether the database failed, or can't be reached.</summary>
    public static bool IsOfDatabase(Exception exception) => exception is DbException or TimeoutException;

    private static RpcException Unavailable(string what) => new(new RpcError(
        (int)RpcErrorCode.InternalError,
        $"{what}: the database failed, or can't be reached. Try again later.",
        RpcErrorReason.StateUnavailable,
        Executed.Yes,
        Retryable: true));
}
