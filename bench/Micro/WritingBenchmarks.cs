using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using Orrery.Gateway.JsonRpc;
using Orrery.Rpc;

namespace Orrery.Micro;

/// <summary>What a call came to, written into the response.</summary>
[MemoryDiagnoser]
public class WritingBenchmarks
{
    private readonly ArrayBufferWriter<byte> _response = new(64 * 1024);
    private readonly byte[] _id = Encoding.UTF8.GetBytes("17");
    private readonly RawJson _result = new(Encoding.UTF8.GetBytes(Samples.Parameters));
    private readonly RpcError _error = RpcError.NotExecuted(RpcErrorCode.TargetNotFound, RpcErrorReason.UnknownNode, "The node registry has no live node and no role 'worker-9'.");

    [Benchmark(Description = "write a result")]
    public int Result()
    {
        _response.ResetWrittenCount();
        new RpcResponse(_id, _result).Write(_response);
        return _response.WrittenCount;
    }

    [Benchmark(Description = "write an error")]
    public int Error()
    {
        _response.ResetWrittenCount();
        new RpcResponse(_id, _error).Write(_response);
        return _response.WrittenCount;
    }

    [Benchmark(Description = "write a batch of 50: each result", OperationsPerInvoke = Samples.BatchLength)]
    public int Batch()
    {
        _response.ResetWrittenCount();
        for (var i = 0; i < Samples.BatchLength; i++)
        {
            new RpcResponse(_id, _result).Write(_response);
        }

        return _response.WrittenCount;
    }
}
