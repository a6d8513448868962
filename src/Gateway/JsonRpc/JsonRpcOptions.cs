using System.ComponentModel.DataAnnotations;
using Orrery.Rpc;

namespace Orrery.Gateway.JsonRpc;

/// <summary>The limits of the JSON-RPC endpoint, from <c>Orrery:JsonRpc</c>.</summary>
public sealed class JsonRpcOptions
{
    private const string OutOfRange = "Orrery:JsonRpc:{0} must be a number from {1} to {2}.";

    /// <summary>The most bytes that a body may have. 4 MiB by default.</summary>
    [Range(1, 1 << 30, ErrorMessage = OutOfRange)]
    public int MaxBodyBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>The most entries that a batch may have. 100 by default.</summary>
    [Range(1, 100_000, ErrorMessage = OutOfRange)]
    public int MaxBatchLength { get; set; } = 100;

    /// <summary>The most bytes that a response may have, besides the errors in place of answers that have more. 64 MiB by default.</summary>
    [Range(1024, int.MaxValue, ErrorMessage = OutOfRange)]
    public int MaxResponseBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How many connections one address, or network of IPv6 (/64), may have open. 1,000 by default; 0 for any number.</summary>
    [Range(0, 1_000_000, ErrorMessage = OutOfRange)]
    public int MaxConnectionsPerAddress { get; set; } = 1_000;

    /// <summary>How deep a body may be nested, the envelope included. 64 by default.</summary>
    [Range(4, WireJson.MaxDepth, ErrorMessage = OutOfRange)]
    public int MaxDepth { get; set; } = 64;

    /// <summary>
    /// The origins of web pages that may call, separated by commas, e.g. <c>https://app.example.com</c>. None by default: every
    /// request with a header <c>Origin</c> is refused.
    /// </summary>
    public string? AllowedOrigins { get; set; }

    /// <summary>
    /// What the header <c>Host</c> may say besides the names of loopback, on connections over loopback, separated by commas:
    /// the public name behind a proxy on the same machine. None by default.
    /// </summary>
    public string? AllowedHosts { get; set; }
}
