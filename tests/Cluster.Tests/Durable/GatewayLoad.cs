using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Orrery.Cluster.Tests.Durable;

/// <summary>Callers that each go to one of several gateways, and to the next one when that refuses the connection.</summary>
internal sealed class GatewayLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly HttpClient _http;
    private readonly Task[] _callers;
    private readonly List<string> _failures = [];
    private volatile Uri[] _gateways;
    private int _answered;

    public GatewayLoad(Version version, int callers, string method, params Uri[] gateways)
        : this(new SocketsHttpHandler(), version, callers, method, gateways)
    {
    }

    public GatewayLoad(SocketsHttpHandler handler, Version version, int callers, string method, params Uri[] gateways)
    {
        _http = new HttpClient(handler) { DefaultRequestVersion = version, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        _gateways = gateways;
        _callers = [.. Enumerable.Range(0, callers).Select(i => Task.Run(() => CallAsync(i, method)))];
    }

    public int Answered => Volatile.Read(ref _answered);

    /// <summary>From now on the callers go to these.</summary>
    public void Use(params Uri[] gateways) => _gateways = gateways;

    /// <summary>Stops calling, and gives what was no result.</summary>
    public async Task<IReadOnlyList<string>> StopAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_callers);
        return _failures;
    }

    /// <summary>Waits until so many more calls have been answered.</summary>
    public async Task GoesOnAsync(int calls)
    {
        var wanted = Answered + calls;
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (Answered < wanted)
        {
            await interval.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
        _http.Dispose();
    }

    // The processes share the test machine's cores, so each caller leaves them some.
    private async Task CallAsync(int preferred, string method)
    {
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!_stopping.IsCancellationRequested)
        {
            if (await FailureAsync(preferred, method) is { } failure)
            {
                lock (_failures)
                {
                    _failures.Add(failure);
                }
            }

            Interlocked.Increment(ref _answered);
            await interval.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private async Task<string?> FailureAsync(int preferred, string method)
    {
        var gateways = _gateways;
        for (var i = 0; i < gateways.Length; i++)
        {
            var gateway = gateways[(preferred + i) % gateways.Length];
            try
            {
                using var response = await _http.PostAsJsonAsync(gateway, new { jsonrpc = "2.0", method, @params = Array.Empty<int>(), id = 1 }, CancellationToken.None);
                var answer = await response.Content.ReadFromJsonAsync<JsonElement>(CancellationToken.None);
                return answer.TryGetProperty("result", out _) ? null : answer.GetRawText();
            }
            catch (HttpRequestException exception) when (exception.HttpRequestError is HttpRequestError.ConnectionError && i < gateways.Length - 1)
            {
                // Refused: the next one.
            }
            catch (Exception exception) when (exception is HttpRequestException or JsonException)
            {
                return $"{gateway.Authority}: {exception}";
            }
        }

        return "no gateway";
    }
}
