using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using k8s;
using k8s.Authentication;
using k8s.Autorest;
using k8s.Models;
using Orrery.Rpc.Security;

namespace Orrery.Kubernetes;

/// <summary>
/// Asks the Kubernetes API for the cluster's pods: lists, watches, and gets one. That is all a node needs to be allowed.
/// </summary>
internal sealed class PodApi : IDisposable
{
    /// <summary>Which pods of the namespace are nodes.</summary>
    public const string Selector = "app.kubernetes.io/part-of=orrery";

    // Who lists or gets has no more time; who watches is sent away after his time, and stays silent for a moment more only
    // when the connection is dead.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WatchTakes = TimeSpan.FromMinutes(1);

    private readonly k8s.Kubernetes _client;
    private readonly string _namespace;
    private readonly TimeProvider _time;

    /// <summary>Makes a client. The certificates are read now, so that a new one has those of today; the token again each minute.</summary>
    public PodApi(KubernetesSettings settings, TimeProvider time)
    {
        _namespace = settings.Namespace;
        _time = time;
        _client = new(new KubernetesClientConfiguration
        {
            Host = settings.Api!.ToString(),
            TokenProvider = settings.TokenFile is { } token ? new TokenFileAuth(token) : null,
            FirstMessageHandlerSetup = handler => handler.SslOptions.CertificateChainPolicy = settings.CaFile is { } authorities ? TrustOnly(authorities) : null,
        });
    }

    /// <summary>Lists them, with the version to watch from.</summary>
    public async Task<(IReadOnlyList<Pod> Pods, string Version)> ListAsync(CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Patience, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        // From the API's cache: whom the list does not have, or has in an old state, is asked for by name.
        var list = await _client.CoreV1.ListNamespacedPodAsync(_namespace, labelSelector: Selector, resourceVersion: "0", cancellationToken: end.Token);
        return list is { Items: { } items, Metadata.ResourceVersion: { } version }
            ? ([.. items.Select(Pod.Read)], version)
            : throw new InvalidDataException("it answers with something that is no list of pods");
    }

    /// <summary>Tells what becomes of them, until the API ends it.</summary>
    /// <param name="version">From where on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The kind of change, the pod where there is one, and the version to go on from.</returns>
    public async IAsyncEnumerable<(WatchEventType Type, Pod? Pod, string Version)> WatchAsync(string version, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(WatchTakes + Patience, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        var changes = _client.CoreV1.WatchListNamespacedPodAsync(
            _namespace,
            allowWatchBookmarks: true,
            labelSelector: Selector,
            resourceVersion: version,
            timeoutSeconds: (int)WatchTakes.TotalSeconds,
            // It would swallow them otherwise, and miss what they stand for.
            onError: exception => throw exception,
            cancellationToken: end.Token);
        await foreach (var (type, pod) in changes)
        {
            yield return (type, type is WatchEventType.Bookmark ? null : Pod.Read(pod), pod?.Metadata?.ResourceVersion ?? version);
        }
    }

    /// <summary>Gets a pod as it is now; null when there is none.</summary>
    public async Task<Pod?> FindAsync(string name, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Patience, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return Pod.Read(await _client.CoreV1.ReadNamespacedPodAsync(name, _namespace, cancellationToken: end.Token));
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode is HttpStatusCode.NotFound && IsFromKubernetes(exception.Response.Content))
        {
            return null;
        }
    }

    public void Dispose() => _client.Dispose();

    // The client's own way takes a certificate of the authority for any name.
    private static X509ChainPolicy TrustOnly(string file)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return CertificateFiles.TrustOnly(authorities);
    }

    // Whatever stands in front of the API may answer so, too.
    private static bool IsFromKubernetes(string content) => KubernetesJson.Deserialize<V1Status>(content).Reason == "NotFound";
}
