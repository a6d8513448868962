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

    /// <summary>How deep a body may be nested, the envelope included. 64 by default.</summary>
    [Range(4, WireJson.MaxDepth, ErrorMessage = OutOfRange)]
    public int MaxDepth { get; set; } = 64;
}
