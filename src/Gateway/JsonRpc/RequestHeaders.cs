using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Orrery.Rpc;

namespace Orrery.Gateway.JsonRpc;

/// <summary>What the headers of an HTTP request say of each call in it, or, with a key, of the one call.</summary>
/// <param name="TimeoutMs">For how long the caller waits; null when it does not say.</param>
/// <param name="Trace">Whether it asks how the answer came about.</param>
/// <param name="IdempotencyKey">The key under which the call runs once; null for none.</param>
internal readonly record struct RequestHeaders(int? TimeoutMs, bool Trace, string? IdempotencyKey)
{
    /// <summary>The longest time that a caller can give a call: an hour.</summary>
    public const int LongestTimeoutMs = 3_600_000;

    /// <summary>The most characters of a key.</summary>
    public const int LongestKey = 255;

    private const string Key = "Idempotency-Key";
    private const string Timeout = "Orrery-Timeout-Ms";
    private const string Traced = "Orrery-Trace";

    public static bool IsTimeout(int milliseconds) => milliseconds is >= 1 and <= LongestTimeoutMs;

    public static bool IsKey([NotNullWhen(true)] string? key) => key is { Length: >= 1 and <= LongestKey } && !key.AsSpan().ContainsAnyExceptInRange(' ', '~');

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

        string? key = null;
        if (headers.TryGetValue(Key, out var keys))
        {
            key = keys.Count == 1 ? Unquote(keys[0]!) : null;
            if (!IsKey(key))
            {
                return Invalid($"The header {Key} must be given once and have 1 to {LongestKey} printable ASCII characters.");
            }
        }

        read = new RequestHeaders(timeoutMs, isTraced, key);
        return null;
    }

    // As a string of a structured field (RFC 9651), or as it is.
    private static string Unquote(string value) =>
        value is ['"', .., '"'] and { Length: > 1 } ? value[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal) : value;

    private static RpcError Invalid(string message) => RpcError.NotExecuted(RpcErrorCode.InvalidRequest, RpcErrorReason.InvalidRequest, message);
}
