using System.Collections.Concurrent;
using Orrery.Rpc.Hosting;

namespace Orrery.Load.Servers;

/// <summary>Whoever watches a cluster: reads the metrics of its nodes every five seconds, and takes what they send by OTLP.</summary>
internal sealed class Observer : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly string _url = $"http://127.0.0.1:{LoopbackPort.Free()}";
    private readonly ConcurrentBag<string> _nodes = [];
    private readonly CancellationTokenSource _end = new();
    private readonly HttpClient _http = new();

    /// <summary>The environment of a node that sends what it has.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _url, ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf" };

    /// <summary>Begins to watch.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(_url);
        var collector = builder.Build();
        collector.MapPost("/{**any}", context => context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted));
        await collector.StartAsync(cancellationToken);
        _ = ReadAsync();
    }

    /// <summary>Reads the metrics of a node too.</summary>
    public void Watch(string management) => _nodes.Add(management);

    public void Dispose()
    {
        _end.Cancel();
        _http.Dispose();
        _end.Dispose();
    }

    private async Task ReadAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(_end.Token).ConfigureAwait(false))
        {
            foreach (var node in _nodes)
            {
                try
                {
                    await _http.GetStringAsync($"{node}/metrics", _end.Token);
                }
                catch (HttpRequestException)
                {
                    // It starts, ends, or has none.
                }
            }
        }
    }
}
