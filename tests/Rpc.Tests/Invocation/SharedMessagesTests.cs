using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using Orleans.Runtime;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Invocation.Batches;
using Orrery.Rpc.Invocation.Sharing;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Security;

namespace Orrery.Rpc.Tests.Invocation;

public sealed class SharedMessagesTests
{
    private const int Many = 32;
    private const int MostBursts = 10_000;

    private static readonly RawJson Nothing = new(ReadOnlyMemory<byte>.Empty);
    private static readonly RpcException Unreached = new(RpcError.NotExecuted(RpcErrorCode.NodeUnavailable, RpcErrorReason.NodeUnavailable, "gone"));

    private static readonly CallOutcome Refused = RpcError.NotExecuted(RpcErrorCode.MethodNotFound, RpcErrorReason.UnknownMethod, "no");

    private readonly Endpoint _endpoint = new();
    private readonly ServiceInstance _instance = new(
        new NodeEntry(SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 20_000), 1), "worker-1"), GrainId.Create("svc.stock", "worker-1"), new ServiceDescription("stock", null, [], []));
    private readonly CallCounter _counter = new("stock/get");
    private readonly SharedMessages _messages;

    public SharedMessagesTests() => _messages = new SharedMessages(_instance, _endpoint);

    [Fact]
    public async Task Calls_that_are_made_at_the_same_time_share_messages_and_have_their_own_outcomes()
    {
        for (var burst = 0; burst < MostBursts && _endpoint.Shared.IsEmpty; burst++)
        {
            var calls = Enumerable.Range(0, Many).Select(i => Call($"{burst}.{i}")).ToArray();

            Assert.Equal(Enumerable.Range(0, Many).Select(i => $"{burst}.{i}"), (await Task.WhenAll(calls)).Select(Text));
        }

        Assert.InRange(_endpoint.Shared.Max(methods => methods.Length), 2, Many);
        Assert.True(_counter.EndsAtOnce(Stopwatch.GetTimestamp()));
    }

    [Fact]
    public async Task An_error_is_the_outcome_of_its_call_alone()
    {
        _endpoint.Answer = method => method == "refuse" ? Refused : Json(method);

        for (var burst = 0; burst < MostBursts && _endpoint.Shared.IsEmpty; burst++)
        {
            var outcomes = await Task.WhenAll(Enumerable.Range(0, Many).Select(i => Call(i % 2 == 0 ? "refuse" : "get")));
            Assert.Equal(Enumerable.Range(0, Many).Select(i => i % 2 == 0 ? "no" : "get"), outcomes.Select(outcome => outcome.Error?.Message ?? Text(outcome)));
        }

        Assert.NotEmpty(_endpoint.Shared);
    }

    [Fact]
    public async Task A_call_that_goes_on_holds_up_no_other_and_has_those_after_it_go_by_themselves()
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _endpoint.Answer = method => method == "wait" ? (CallOutcome?)null : Json(method);
        _endpoint.Later = async () =>
        {
            await end.Task;
            return Json("waited");
        };
        Task<CallOutcome>? waiting = null;
        for (var burst = 0; burst < MostBursts && _counter.EndsAtOnce(Stopwatch.GetTimestamp()); burst++)
        {
            var calls = Enumerable.Range(0, Many).Select(i => Call(i == Many / 2 ? "wait" : "get")).ToArray();
            waiting = calls[Many / 2];
            await Task.WhenAll(calls.Where(call => call != waiting));
            Assert.False(waiting.IsCompleted);
        }

        Under(way: 100);
        Assert.False(_messages.Suit(_counter, Nothing, Stopwatch.GetTimestamp()));
        Assert.True(_messages.Suit(_counter, Nothing, Stopwatch.GetTimestamp() + (2 * Stopwatch.Frequency)));
        end.SetResult();
        Assert.Equal("waited", Text(await waiting!));
    }

    [Fact]
    public async Task A_message_that_does_not_arrive_fails_each_of_its_calls()
    {
        _endpoint.Answer = _ => throw Unreached;

        await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => Assert.ThrowsAsync<RpcException>(() => Call("get"))));
    }

    [Fact]
    public async Task Of_a_call_that_goes_on_where_a_node_is_lost_is_not_said_that_it_did_not_run()
    {
        _endpoint.Answer = _ => null;
        _endpoint.Alone = () => Task.FromResult(Json("alone"));
        _endpoint.Later = () => throw Unreached;
        var lost = 0;
        for (var burst = 0; burst < MostBursts && lost == 0; burst++)
        {
            foreach (var call in Enumerable.Range(0, Many).Select(_ => Call("get")).ToArray())
            {
                if (await Record.ExceptionAsync(() => call) is { } failure)
                {
                    var error = Assert.IsType<RpcException>(failure).Error;
                    Assert.Equal(((int)RpcErrorCode.NodeUnavailable, Executed.Maybe), (error.Code, error.Executed));
                    lost++;
                }
            }
        }

        Assert.NotEqual(0, lost);
    }

    [Fact]
    public async Task Calls_of_several_callers_are_in_messages_of_their_own()
    {
        Caller[] callers = [new("one", "*"), new("other", "*")];
        for (var burst = 0; burst < MostBursts && _endpoint.Shared.IsEmpty; burst++)
        {
            await Task.WhenAll(Enumerable.Range(0, Many).Select(i => Call(callers[i / (Many / 2)].Id, callers[i / (Many / 2)])));
        }

        Assert.All(_endpoint.Shared, methods => Assert.Single(methods.Distinct()));
        Assert.All(_endpoint.Seen, seen => Assert.Equal(seen.Method, seen.Caller?.Id));
    }

    [Fact]
    public void Only_a_small_call_that_is_not_alone_may_share_a_message()
    {
        var now = Stopwatch.GetTimestamp();
        Assert.False(_messages.Suit(_counter, Nothing, now));

        Under(way: 100);
        Assert.True(_messages.Suit(_counter, Nothing, now));
        Assert.False(_messages.Suit(_counter, new RawJson(new byte[5 * 1024]), now));
    }

    private Task<CallOutcome> Call(string method, Caller? caller = null) => _messages.Invoke(_counter, method, Nothing, caller).AsTask();

    private void Under(int way)
    {
        for (var i = 0; i < way; i++)
        {
            _instance.CallBegins(Stopwatch.GetTimestamp());
        }
    }

    private static CallOutcome Json(string text) => new RawJson(Encoding.UTF8.GetBytes(text));

    private static string Text(CallOutcome outcome) => outcome.Result.ToString();

    /// <summary>Answers, as a node does, with the name of the method unless a test says otherwise.</summary>
    private sealed class Endpoint : IServiceEndpoint
    {
        /// <summary>The methods of each message with more than one call.</summary>
        public ConcurrentBag<string[]> Shared { get; } = [];

        public ConcurrentBag<(string Method, Caller? Caller)> Seen { get; } = [];

        /// <summary>Gives the outcome; null when the call goes on.</summary>
        public Func<string, CallOutcome?> Answer { get; set; } = method => Json(method);

        public Func<Task<CallOutcome>> Later { get; set; } = () => throw new InvalidOperationException("Nobody should ask.");

        /// <summary>What a call comes to later that went by itself; null for the same.</summary>
        public Func<Task<CallOutcome>>? Alone { get; set; }

        public async ValueTask<CallOutcome> Invoke(string method, RawJson parameters, Caller? caller)
        {
            await Task.Yield();
            Seen.Add((method, caller));
            return Answer(method) ?? await (Alone ?? Later)();
        }

        public async ValueTask<ParcelOutcome> InvokeShared(string[] methods, RawJsonList parameters, Caller? caller)
        {
            await Task.Yield();
            Shared.Add(methods);
            Array.ForEach(methods, method => Seen.Add((method, caller)));
            return ParcelOutcome.Of(Array.ConvertAll(methods, method => Answer(method) ?? default), rest: 1);
        }

        public async ValueTask<ParcelOutcome> InvokeRest(long number) => ParcelOutcome.Of([await Later()]);

        public ValueTask Activate() => throw new NotSupportedException();

        public ValueTask<ParcelOutcome> InvokeMany(string[] methods, RawJsonList parameters, Caller? caller) => throw new NotSupportedException();

        public ValueTask<CallOutcome> InvokeCancellable(string method, RawJson parameters, Caller? caller, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
