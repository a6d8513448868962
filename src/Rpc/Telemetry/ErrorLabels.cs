using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;

namespace Orrery.Rpc.Telemetry;

/// <summary>What metrics and spans call an error. Bounded: services make up codes of their own, and each one is a time series.</summary>
internal static class ErrorLabels
{
    /// <summary>What stands for all that there is no label for, by OpenTelemetry's conventions.</summary>
    public const string Other = "_OTHER";

    private const int MostCodes = 100;

    private static readonly ConcurrentDictionary<int, string> Codes = [];

    private static readonly FrozenSet<string> Reasons = typeof(RpcErrorReason)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (string)field.GetRawConstantValue()!)
        .ToFrozenSet();

    /// <summary>The code as text, for the first hundred codes that this process meets.</summary>
    public static string Code(int code) => Codes.TryGetValue(code, out var text) ? text
        : Codes.Count < MostCodes ? Codes.GetOrAdd(code, code.ToString(CultureInfo.InvariantCulture))
        : Other;

    /// <summary>The reason, if it is one of the platform's.</summary>
    public static string Type(string reason) => Reasons.Contains(reason) ? reason : Other;
}
