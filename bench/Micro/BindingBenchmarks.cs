using System.Text;
using BenchmarkDotNet.Attributes;
using HelloServices;
using Orrery.Rpc;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Invocation;

namespace Orrery.Micro;

/// <summary>The parameters of a call, from JSON to the method's own.</summary>
[MemoryDiagnoser]
public class BindingBenchmarks
{
    private readonly byte[] _named = Encoding.UTF8.GetBytes(Samples.Parameters);
    private readonly Echo _echo = new();
    private ParameterBinder _binder = null!;
    private MethodInvoker _say = null!;

    [GlobalSetup]
    public void Start()
    {
        var contract = ServiceContract.ReadAsCaller(typeof(IEcho));
        var method = contract.Methods.Single(method => method.Description.Name == "say");
        _binder = new ParameterBinder("echo/say", method.Parameters);
        _say = new MethodInvoker(contract, method);
    }

    [Benchmark(Description = "bind a text and an integer")]
    public bool Bind()
    {
        var slots = _binder.Rent();
        var isBound = _binder.Bind(slots, _named) is null;
        _binder.Return(slots);
        return isBound;
    }

    [Benchmark(Description = "bind, run, serialize the result")]
    public ValueTask<CallOutcome> Invoke() => _say.Invoke(_echo, new RawJson(_named), CancellationToken.None);

    private sealed class Echo : IEcho
    {
        public ValueTask<Said> Say(string text, long n) => new(new Said(text, n + 1));
    }
}
