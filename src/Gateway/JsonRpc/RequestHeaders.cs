using System.Globalization;
using Orrery.Rpc;

namespace Orrery.Gateway.JsonRpc;

/// <summary>What the headers of an HTTP request say of each call in it.</summary>
/// <param name="TimeoutMs">For how long the caller waits; null when it does not say.</param>
/// <param name="Trace">Whether it asks how the answer came about.</param>
internal readonly record struct RequestHeaders(int? TimeoutMs, bool Trace)
{
    /// <summary>The longest time that a caller can give a call: an hour.</summary>
    public const int LongestTimeoutMs = 3_600_000;

    private const string Timeout = "Orrery-Timeout-Ms";
    private const string Traced = "Orrery-Trace";

    public static bool IsTimeout(int milliseconds) => milliseconds is >= 1 and <= LongestTimeoutMs;

    /// <summary>Reads the headers; gives the error when one of them says nothing that is understood.</summary>
    public static RpcError? Read(IHeaderDictionary headers, out RequestHeaders read)
    {
        read = default;
        int? timeoutMs = null;
        if (headers.TryGetValue(Timeout, out var timeout))
        {
            if (!int.TryParse(timeout.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) || !IsTimeout(milliseconds))
            {
                return Invalid($"The header {Timeout} must be an integer from 1 to {LongestTimeoutMs}.");
            }

            timeoutMs = milliseconds;
        }

        var isTraced = false;
        if (headers.TryGetValue(Traced, out var trace) && !bool.TryParse(trace.ToString(), out isTraced))
        {
            return Invalid($"The header {Traced} must be true or false.");
        }

        read = new RequestHeaders(timeoutMs, isTraced);
        return null;
    }

    private static RpcError Invalid(string message) => RpcError.NotExecuted(RpcErrorCode.InvalidRequest, RpcErrorReason.InvalidRequest, message);
}
