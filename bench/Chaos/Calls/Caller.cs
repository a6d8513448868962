using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Orrery.Chaos.Calls;

/// <summary>
/// Calls the gateways in turn, as a program behind a load balancer would. A connection that is refused carried nothing, so
/// the next gateway is tried; whatever else happens counts as it is.
/// </summary>
/// <param name="gateways">Where they answer.</param>
/// <param name="deadline">How long a call may take, as its caller says.</param>
internal sealed class Caller(IReadOnlyList<Uri> gateways, TimeSpan deadline) : IDisposable
{
    private readonly HttpClient _http = new()
    {
        Timeout = TimeSpan.FromSeconds(60),
        DefaultRequestHeaders = { { "Orrery-Timeout-Ms", $"{deadline.TotalMilliseconds}" } },
    };

    private int _turn;

    /// <summary>Makes a call. Throws for nothing but the cancellation.</summary>
    public async Task<Outcome> CallAsync(string method, object parameters, CancellationToken cancellationToken)
    {
        var turn = Interlocked.Increment(ref _turn);
        for (var i = 0; i < gateways.Count; i++)
        {
            try
            {
                return await SendAsync(gateways[(turn + i) % gateways.Count], method, parameters, cancellationToken);
            }
            catch (HttpRequestException exception) when (exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
            {
                // The next one.
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException)
            {
                return Outcome.Broken;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return Outcome.Silent;
            }
        }

        return Outcome.Refused;
    }

    /// <summary>Calls until there is a result that is as wanted: for what the suite itself must know.</summary>
    public async Task<JsonElement> ResultAsync(string method, object parameters, Func<JsonElement, bool> condition, CancellationToken cancellationToken)
    {
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            if (await CallAsync(method, parameters, cancellationToken) is { IsAnswered: true } outcome && condition(outcome.Result))
            {
                return outcome.Result;
            }

            await interval.WaitForNextTickAsync(cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<Outcome> SendAsync(Uri gateway, string method, object parameters, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsJsonAsync(gateway, new { jsonrpc = "2.0", method, @params = parameters, id = 1 }, cancellationToken);
        // What is no JSON-RPC answer, such as a proxy's page, says nothing of the method.
        return response.StatusCode is HttpStatusCode.OK or HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
            ? Outcome.Read(await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken))
            : new Outcome($"HTTP {(int)response.StatusCode}");
    }
}
