using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Orrery.Cluster.Tests.Kubernetes;

/// <summary>
/// What a node meets of a Kubernetes API server: pods of one namespace, listed, watched and got by name. A bearer token is
/// the name of its caller. It notes each call, and can be as bad as a real one on a bad day.
/// </summary>
internal sealed class KubernetesApi : IAsyncDisposable
{
    public const string Namespace = "planets";

    private readonly Lock _changing = new();
    private readonly Dictionary<string, JsonObject> _pods = [];
    private readonly List<(long Version, string Line)> _history = [];
    private readonly List<Watch> _watches = [];
    private readonly List<ApiCall> _calls = [];
    private readonly string _namespace;
    private readonly WebApplication _app;
    private TaskCompletionSource _nextCall = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _version = 1000;
    private long _forgotten;

    private KubernetesApi(X509Certificate2? certificate, string @namespace)
    {
        _namespace = @namespace;
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public Uri Address { get; private set; } = null!;

    private string Pods => $"/api/v1/namespaces/{_namespace}/pods";

    public Trouble Trouble { get; private set; }

    /// <summary>The only callers that are let in; null for all that have a token.</summary>
    public HashSet<string>? Callers { get; set; }

    public ApiCall[] Calls
    {
        get
        {
            lock (_changing)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>Who watches now.</summary>
    public string[] Watchers
    {
        get
        {
            lock (_changing)
            {
                return [.. _watches.Select(watch => watch.Caller).Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Starts it, with TLS when it has a certificate.</summary>
    public static async Task<KubernetesApi> StartAsync(X509Certificate2? certificate = null, string @namespace = Namespace)
    {
        var api = new KubernetesApi(certificate, @namespace);
        await api._app.StartAsync(TestContext.Current.CancellationToken);
        api.Address = new Uri(api._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return api;
    }

    /// <summary>Makes a pod, which another of its name must not be there for.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="address">Its address; null while it has none yet.</param>
    /// <param name="labels">Its labels.</param>
    public void Create(string name, string? address, params (string Name, string Value)[] labels)
    {
        lock (_changing)
        {
            _pods.Add(name, new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Pod",
                ["metadata"] = new JsonObject
                {
                    ["name"] = name,
                    ["namespace"] = _namespace,
                    ["uid"] = $"{Guid.NewGuid()}",
                    ["creationTimestamp"] = "2026-01-01T00:00:00Z",
                    ["labels"] = new JsonObject(labels.Select(label => KeyValuePair.Create(label.Name, (JsonNode?)label.Value))),
                },
                ["status"] = new JsonObject { ["phase"] = address is null ? "Pending" : "Running" },
            });
            SetAddress(_pods[name], address);
            Tell("ADDED", _pods[name]);
        }
    }

    /// <summary>Gives a pod its address.</summary>
    public void Run(string name, string address) => Change(name, pod =>
    {
        pod["status"]!["phase"] = "Running";
        SetAddress(pod, address);
    });

    /// <summary>Tells a pod to end: it is there until it has.</summary>
    public void Terminate(string name) => Change(name, pod =>
    {
        pod["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:30Z";
        pod["metadata"]!["deletionGracePeriodSeconds"] = 30;
    });

    /// <summary>Ends a pod's processes, and leaves the pod, as an eviction does.</summary>
    public void Fail(string name) => Change(name, pod => pod["status"]!["phase"] = "Failed");

    /// <summary>Takes a pod away.</summary>
    public void Delete(string name)
    {
        lock (_changing)
        {
            _pods.Remove(name, out var pod);
            Tell("DELETED", pod!);
        }
    }

    /// <summary>Behaves badly from now on, also to those who watch already; or well again.</summary>
    public void Have(Trouble trouble)
    {
        lock (_changing)
        {
            Trouble = trouble;
            if (trouble is not Trouble.Silence)
            {
                EndWatches();
            }
        }
    }

    /// <summary>Ends the watches as a connection that breaks.</summary>
    public void EndWatches()
    {
        lock (_changing)
        {
            _watches.ForEach(watch => watch.Lines.Writer.TryComplete(new IOException()));
            _watches.Clear();
        }
    }

    /// <summary>Forgets what was before: who watches from there is told that it is gone.</summary>
    public void ForgetHistory()
    {
        lock (_changing)
        {
            _history.Clear();
            _forgotten = ++_version;
        }
    }

    /// <summary>Waits until the calls are as the condition wants them.</summary>
    public async Task CallsAsync(Func<ApiCall[], bool> condition)
    {
        while (true)
        {
            Task next;
            lock (_changing)
            {
                if (condition([.. _calls]))
                {
                    return;
                }

                next = _nextCall.Task;
            }

            await next.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        EndWatches();
        await _app.DisposeAsync();
    }

    private static void SetAddress(JsonObject pod, string? address)
    {
        if (address is not null)
        {
            pod["status"]!["podIP"] = address;
            pod["status"]!["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address });
        }
    }

    private static bool Selects(string selector, JsonObject pod) => selector.Split(',', StringSplitOptions.RemoveEmptyEntries)
        .Select(term => term.Split('='))
        .All(term => pod["metadata"]!["labels"]![term[0]]?.GetValue<string>() == term[^1]);

    private static JsonObject Status(int code, string reason) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = $"pods: {reason}",
        ["reason"] = reason,
        ["code"] = code,
    };

    private static string Line(string type, JsonObject pod) => new JsonObject { ["type"] = type, ["object"] = pod.DeepClone() }.ToJsonString();

    private void Change(string name, Action<JsonObject> change)
    {
        lock (_changing)
        {
            change(_pods[name]);
            Tell("MODIFIED", _pods[name]);
        }
    }

    private void Tell(string type, JsonObject pod)
    {
        pod["metadata"]!["resourceVersion"] = $"{++_version}";
        _history.Add((_version, Line(type, pod)));
        if (Trouble is not Trouble.Silence)
        {
            foreach (var watch in _watches.Where(watch => Selects(watch.Selector, pod)))
            {
                watch.Lines.Writer.TryWrite(_history[^1].Line);
            }
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var caller = $"{request.Headers.Authorization}".Replace("Bearer ", "", StringComparison.Ordinal);
        var isWatch = request.Query["watch"] == "true";
        var name = request.Path.StartsWithSegments(Pods, out var rest) && rest.HasValue ? rest.Value![1..] : null;
        var verb = isWatch ? "watch" : name is null ? "list" : HttpMethods.IsGet(request.Method) ? "get" : request.Method;
        Note(new ApiCall(caller, verb, request.Path, $"{request.Query["labelSelector"]}"));
        var trouble = Trouble;
        if (trouble is Trouble.Away)
        {
            context.Abort();
        }
        else if (trouble is Trouble.Unauthorized || caller.Length == 0 || Callers?.Contains(caller) == false)
        {
            await WriteAsync(context, 401, Status(401, "Unauthorized"));
        }
        else if (trouble is Trouble.Forbidden || !HttpMethods.IsGet(request.Method) || !request.Path.StartsWithSegments(Pods))
        {
            await WriteAsync(context, 403, Status(403, "Forbidden"));
        }
        else if (trouble is Trouble.Error)
        {
            await WriteAsync(context, 500, Status(500, "InternalError"));
        }
        else if (trouble is Trouble.Garbage)
        {
            await context.Response.WriteAsync("<html>not { what [ was asked for\n", context.RequestAborted);
        }
        else if (trouble is Trouble.NothingFound)
        {
            context.Response.StatusCode = 404;
            await context.Response.WriteAsync("no such page", context.RequestAborted);
        }
        else if (isWatch)
        {
            await WatchAsync(context, caller);
        }
        else if (name is not null)
        {
            var pod = Find(name);
            await WriteAsync(context, pod is null ? 404 : 200, pod ?? Status(404, "NotFound"));
        }
        else
        {
            await WriteAsync(context, 200, List($"{request.Query["labelSelector"]}"));
        }
    }

    private void Note(ApiCall call)
    {
        lock (_changing)
        {
            _calls.Add(call);
            _nextCall.TrySetResult();
            _nextCall = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private JsonObject? Find(string name)
    {
        lock (_changing)
        {
            return Trouble is Trouble.Emptiness ? null : _pods.GetValueOrDefault(name)?.DeepClone().AsObject();
        }
    }

    private JsonObject List(string selector)
    {
        lock (_changing)
        {
            return new JsonObject
            {
                ["kind"] = "PodList",
                ["apiVersion"] = "v1",
                ["metadata"] = new JsonObject { ["resourceVersion"] = $"{_version}" },
                ["items"] = new JsonArray([.. _pods.Values.Where(pod => Trouble is not Trouble.Emptiness && Selects(selector, pod)).Select(pod => pod.DeepClone())]),
            };
        }
    }

    private async Task WatchAsync(HttpContext context, string caller)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(int.TryParse(context.Request.Query["timeoutSeconds"], out var seconds) ? seconds : 1800));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, context.RequestAborted);
        var since = long.TryParse($"{context.Request.Query["resourceVersion"]}", out var version) ? version : _version;
        var watch = new Watch(caller, $"{context.Request.Query["labelSelector"]}", Channel.CreateUnbounded<string>());
        await context.Response.StartAsync(end.Token);
        lock (_changing)
        {
            if (since < _forgotten)
            {
                watch.Lines.Writer.TryWrite(new JsonObject { ["type"] = "ERROR", ["object"] = Status(410, "Expired") }.ToJsonString());
                watch.Lines.Writer.Complete();
            }
            else
            {
                foreach (var (_, line) in _history.Where(change => change.Version > since && Selects(watch.Selector, JsonNode.Parse(change.Line)!["object"]!.AsObject())))
                {
                    watch.Lines.Writer.TryWrite(line);
                }

                watch.Lines.Writer.TryWrite(Line("BOOKMARK", new JsonObject { ["kind"] = "Pod", ["apiVersion"] = "v1", ["metadata"] = new JsonObject { ["resourceVersion"] = $"{_version}" } }));
                _watches.Add(watch);
            }
        }

        try
        {
            await foreach (var line in watch.Lines.Reader.ReadAllAsync(end.Token))
            {
                await context.Response.WriteAsync(line + "\n", end.Token);
                await context.Response.Body.FlushAsync(end.Token);
            }
        }
        catch (OperationCanceledException)
        {
        }
        catch (IOException)
        {
            context.Abort();
        }
        finally
        {
            lock (_changing)
            {
                _watches.Remove(watch);
            }
        }
    }

    private static Task WriteAsync(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }

    private sealed record Watch(string Caller, string Selector, Channel<string> Lines);
}

/// <summary>A call that the API was asked for.</summary>
/// <param name="Caller">The token of whoever made it.</param>
/// <param name="Verb">What a role has to allow.</param>
/// <param name="Path">Of what.</param>
/// <param name="Selector">The labels that were asked for.</param>
internal sealed record ApiCall(string Caller, string Verb, string Path, string Selector);

/// <summary>How the API behaves.</summary>
internal enum Trouble
{
    /// <summary>As it should.</summary>
    None,

    /// <summary>It closes each connection.</summary>
    Away,

    /// <summary>It knows no token.</summary>
    Unauthorized,

    /// <summary>Nobody may do anything.</summary>
    Forbidden,

    /// <summary>It has errors of its own.</summary>
    Error,

    /// <summary>It sends what is no JSON.</summary>
    Garbage,

    /// <summary>Something in front of it knows none of its pages.</summary>
    NothingFound,

    /// <summary>It has no pods, as in a namespace that is another one than was meant.</summary>
    Emptiness,

    /// <summary>Who watches hears nothing any more.</summary>
    Silence,
}
