using System.Text;
using BenchmarkDotNet.Attributes;
using Orrery.Gateway.JsonRpc;

namespace Orrery.Micro;

/// <summary>The body of a request, read into the calls that it asks for.</summary>
[MemoryDiagnoser]
public class ParsingBenchmarks
{
    private readonly JsonRpcOptions _options = new();
    private readonly byte[] _single = Encoding.UTF8.GetBytes(Samples.Request(id: 1));
    private readonly byte[] _batch = Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Range(1, Samples.BatchLength).Select(Samples.Request))}]");

    [Benchmark(Description = "parse a single call")]
    public bool OneCall() => RequestParser.Parse(_single, _options, default, out _, out _) is null;

    [Benchmark(Description = "parse a batch of 50: each call", OperationsPerInvoke = Samples.BatchLength)]
    public bool Batch() => RequestParser.Parse(_batch, _options, default, out _, out _) is null;
}
