using System.Text.Json;
using Orrery.Cluster.Tests.Processes;

namespace Orrery.Cluster.Tests.Durable;

/// <summary>Calls that go on while a test does something to the cluster.</summary>
internal sealed class CallLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task[] _callers;
    private readonly List<string> _failures = [];
    private int _answered;

    public CallLoad(RpcClient client, params string[] methods)
        : this(client, [.. methods.Select(method => (method, (object?)null))])
    {
    }

    public CallLoad(RpcClient client, params (string Method, object? Parameters)[] calls) =>
        _callers = [.. calls.Select(call => Task.Run(() => CallAsync(client, call.Method, call.Parameters)))];

    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Stops calling, and gives what was no result.</summary>
    public async Task<IReadOnlyList<string>> StopAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_callers);
        return _failures;
    }

    /// <summary>Waits until so many calls have been answered.</summary>
    public async Task UntilAsync(int answered)
    {
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (Answered < answered)
        {
            await interval.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
    }

    // The processes share the test machine's cores, so each caller leaves them some.
    private async Task CallAsync(RpcClient client, string method, object? parameters)
    {
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!_stopping.IsCancellationRequested)
        {
            string? failure = null;
            try
            {
                var answer = await client.AnswerAsync(method, parameters);
                failure = answer.TryGetProperty("result", out _) ? null : answer.GetRawText();
            }
            catch (Exception exception) when (exception is HttpRequestException or JsonException)
            {
                failure = exception.Message;
            }

            Interlocked.Increment(ref _answered);
            if (failure is not null)
            {
                lock (_failures)
                {
                    _failures.Add($"{method}: {failure}");
                }
            }

            await interval.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
