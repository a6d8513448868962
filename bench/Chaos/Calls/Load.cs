using System.Diagnostics;

namespace Orrery.Chaos.Calls;

/// <summary>Calls that are sent at a steady rate, whether or not those before them are answered.</summary>
internal sealed class Load : IAsyncDisposable
{
    private readonly Caller _caller;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<int, CallRequest> _request;
    private readonly List<Task<Call>> _calls = [];
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Task _sending;

    /// <param name="caller">Whom to call through.</param>
    /// <param name="rate">How many calls a second.</param>
    /// <param name="request">The call of a number.</param>
    public Load(Caller caller, int rate, Func<int, CallRequest> request)
    {
        _caller = caller;
        _request = request;
        _sending = Task.Run(() => SendAsync(rate));
    }

    /// <summary>The time since the start.</summary>
    public TimeSpan Now => Stopwatch.GetElapsedTime(_started);

    /// <summary>Gives the calls whose callers were told what became of them, so far.</summary>
    public IReadOnlyList<Call> Told()
    {
        Task<Call>[] calls;
        lock (_calls)
        {
            calls = [.. _calls];
        }

        return [.. calls.Where(call => call.IsCompletedSuccessfully).Select(call => call.GetAwaiter().GetResult())];
    }

    /// <summary>Sends no more, and waits for the answers to what was sent.</summary>
    public async Task<IReadOnlyList<Call>> StopAsync()
    {
        await _stopping.CancelAsync();
        await _sending;
        return await Task.WhenAll(_calls);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
    }

    private async Task SendAsync(int rate)
    {
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!_stopping.IsCancellationRequested)
        {
            SendDue((int)(Now.TotalSeconds * rate));
            await interval.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    // A client that was held up makes up for it, as the world outside would.
    private void SendDue(int calls)
    {
        lock (_calls)
        {
            while (_calls.Count < calls)
            {
                _calls.Add(CallAsync(_request(_calls.Count)));
            }
        }
    }

    private async Task<Call> CallAsync(CallRequest request)
    {
        var sent = Now;
        var outcome = await _caller.CallAsync(request.Method, request.Parameters, CancellationToken.None);
        return new Call(request, sent, Now - sent, outcome);
    }
}
