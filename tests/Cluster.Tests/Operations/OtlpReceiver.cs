using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Orrery.Cluster.Tests.Operations;

/// <summary>Takes what nodes send by OTLP over HTTP, as a collector would.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Span> _spans = [];
    private readonly ConcurrentQueue<string> _logs = [];
    private readonly ConcurrentQueue<string> _metrics = [];

    private OtlpReceiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/v1/traces", request => TakeAsync(request, body => Keep(_spans, SpansIn(body))));
        _app.MapPost("/v1/logs", request => TakeAsync(request, body => Keep(_logs, TextsIn(body, isMetrics: false))));
        _app.MapPost("/v1/metrics", request => TakeAsync(request, body => Keep(_metrics, TextsIn(body, isMetrics: true))));
    }

    /// <summary>What makes a node send here, soon.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _app.Urls.Single(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
    };

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        await receiver._app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>Waits until the spans of a trace are as the condition wants them.</summary>
    public Task<Span[]> TraceAsync(string traceId, Func<Span[], bool> condition) =>
        UntilAsync(() => [.. _spans.Where(span => span.TraceId == traceId)], condition, spans => string.Join('\n', spans));

    public Task<string[]> LogsAsync(Func<string[], bool> condition) => UntilAsync(_logs.ToArray, condition, lines => string.Join('\n', lines));

    public Task<string[]> MetricsAsync(Func<string[], bool> condition) => UntilAsync(() => _metrics.Distinct().ToArray(), condition, names => string.Join('\n', names));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task<T[]> UntilAsync<T>(Func<T[]> read, Func<T[], bool> condition, Func<T[], string> show)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var now = read();
            if (condition(now))
            {
                return now;
            }

            Assert.False(patience.IsCancellationRequested, show(now));
            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task TakeAsync(HttpContext context, Action<byte[]> take)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        take(body.ToArray());
        context.Response.ContentType = "application/x-protobuf";
    }

    private static void Keep<T>(ConcurrentQueue<T> queue, IEnumerable<T> items)
    {
        foreach (var item in items)
        {
            queue.Enqueue(item);
        }
    }

    // ExportTraceServiceRequest.resource_spans = 1; ResourceSpans.resource = 1, scope_spans = 2; ScopeSpans.scope = 1, spans = 2.
    private static IEnumerable<Span> SpansIn(byte[] body) =>
        from resource in Protobuf.Read(body).Messages(1)
        let node = resource.Messages(1).SelectMany(found => found.Messages(1)).First(attribute => attribute.Text(1) == "service.instance.id").Message(2).Text(1)
        from scope in resource.Messages(2)
        from span in scope.Messages(2)
        select new Span(
            node,
            scope.Message(1).Text(1),
            Convert.ToHexStringLower(span.Bytes(1)),
            Convert.ToHexStringLower(span.Bytes(2)),
            Convert.ToHexStringLower(span.Bytes(4)),
            span.Text(5),
            (int)span.Number(6),
            span.Messages(9).ToDictionary(attribute => attribute.Text(1), attribute => attribute.Message(2).Text(1) is { Length: > 0 } text ? text : $"{attribute.Message(2).Number(3)}"),
            [.. span.Messages(11).Select(happening => happening.Text(2))],
            span.Messages(15).Any(status => status.Number(3) == 2));

    // Of a log record the body (5: any value) and the trace id (9); of a metric the name (1).
    private static IEnumerable<string> TextsIn(byte[] body, bool isMetrics) =>
        from resource in Protobuf.Read(body).Messages(1)
        from scope in resource.Messages(2)
        from item in scope.Messages(2)
        select isMetrics ? item.Text(1) : $"{Convert.ToHexStringLower(item.Bytes(9))} {item.Message(5).Text(1)}";

    /// <summary>A span, as it came.</summary>
    public sealed record Span(string NodeId, string Scope, string TraceId, string Id, string ParentId, string Name, int Kind, Dictionary<string, string> Attributes, string[] Events, bool IsError)
    {
        public const int Server = 2;
        public const int Client = 3;

        public override string ToString() => $"{NodeId} {Scope} {Name} kind {Kind} {ParentId}->{Id} {string.Join(", ", Attributes.Select(pair => $"{pair.Key}={pair.Value}"))}";
    }

    /// <summary>The fields of a message in protobuf's format, by number: enough to look into what OTLP sends.</summary>
    private sealed class Protobuf
    {
        private readonly List<(int Field, ulong Number, byte[] Bytes)> _fields = [];

        public static Protobuf Read(ReadOnlySpan<byte> data)
        {
            var message = new Protobuf();
            while (!data.IsEmpty)
            {
                var tag = Varint(ref data);
                var (number, length) = (tag & 7) switch
                {
                    0 => (Varint(ref data), 0),
                    1 => (0UL, 8),
                    2 => (0UL, (int)Varint(ref data)),
                    5 => (0UL, 4),
                    var kind => throw new InvalidDataException($"No such kind of field: {kind}"),
                };
                message._fields.Add(((int)(tag >> 3), number, data[..length].ToArray()));
                data = data[length..];
            }

            return message;
        }

        public IEnumerable<Protobuf> Messages(int field) => _fields.Where(found => found.Field == field).Select(found => Read(found.Bytes));

        public Protobuf Message(int field) => Messages(field).FirstOrDefault() ?? new Protobuf();

        public byte[] Bytes(int field) => _fields.FirstOrDefault(found => found.Field == field).Bytes ?? [];

        public string Text(int field) => Encoding.UTF8.GetString(Bytes(field));

        public ulong Number(int field) => _fields.FirstOrDefault(found => found.Field == field).Number;

        private static ulong Varint(ref ReadOnlySpan<byte> data)
        {
            ulong value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var next = data[0];
                data = data[1..];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                {
                    return value;
                }
            }
        }
    }
}
