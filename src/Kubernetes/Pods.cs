using System.Collections.Concurrent;
using System.Net;
using k8s.Models;

namespace Orrery.Kubernetes;

/// <summary>A pod, as far as it tells whether the node in it can be there still.</summary>
/// <param name="Name">Its name: the node's id. A pod of a StatefulSet comes back under it.</param>
/// <param name="Uid">What only this pod has, and no later one of its name.</param>
/// <param name="Addresses">Its addresses. None before Kubernetes has heard of them, which the node in it may have been faster than.</param>
/// <param name="Former">Those of the pod that had the name before, where that was seen.</param>
/// <param name="HasEnded">Whether nothing runs in it any more.</param>
internal sealed record Pod(string Name, string Uid, IReadOnlyList<IPAddress> Addresses, IReadOnlyList<IPAddress> Former, bool HasEnded)
{
    /// <summary>Reads a pod.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static Pod Read(V1Pod? pod)
    {
        if (pod?.Metadata is not { Name: { } name, Uid: { } uid })
        {
            throw new InvalidDataException("it answers with something that is no pod");
        }

        string?[] addresses = [pod.Status?.PodIP, .. pod.Status?.PodIPs?.Select(address => address.Ip) ?? []];
        return new(name, uid, [.. addresses.Where(text => !string.IsNullOrEmpty(text)).Select(text => IPAddress.Parse(text!)).Distinct()], [], pod.Status?.Phase is "Failed" or "Succeeded");
    }

    /// <summary>Whether a node of the pod's name at this address may be in it. When in doubt it is.</summary>
    public bool MayHold(IPAddress address) => !HasEnded && (Addresses.Count > 0 ? Addresses.Contains(address) : !Former.Contains(address));
}

/// <summary>The pods that are known to be there.</summary>
internal sealed class Pods
{
    private readonly ConcurrentDictionary<string, Pod> _pods = new(StringComparer.Ordinal);

    /// <summary>Whether a node may be in one of them.</summary>
    public bool MayHold(string nodeId, IPAddress address) => _pods.TryGetValue(nodeId, out var pod) && pod.MayHold(address);

    /// <summary>Takes in all that are there.</summary>
    public void Replace(IReadOnlyCollection<Pod> pods)
    {
        foreach (var name in _pods.Keys.Except(pods.Select(pod => pod.Name)))
        {
            _pods.TryRemove(name, out _);
        }

        foreach (var pod in pods)
        {
            Put(pod);
        }
    }

    /// <summary>Takes in how a pod is now.</summary>
    public void Put(Pod pod) => _pods.AddOrUpdate(
        pod.Name,
        pod,
        (_, known) => pod with { Former = known.Uid == pod.Uid ? known.Former : known.Addresses });

    /// <summary>Takes in that a pod has gone. Its addresses stay known, for who takes its name, until it is forgotten.</summary>
    public void End(Pod pod)
    {
        if (_pods.TryGetValue(pod.Name, out var known) && known.Uid == pod.Uid)
        {
            _pods[pod.Name] = known with { HasEnded = true };
        }
    }

    /// <summary>Forgets a pod that has gone, unless another one has its name by now, or it has only lost its label.</summary>
    public void Forget(Pod pod)
    {
        if (_pods.TryGetValue(pod.Name, out var known) && known.Uid == pod.Uid && known.HasEnded)
        {
            _pods.TryRemove(KeyValuePair.Create(pod.Name, known));
        }
    }
}
