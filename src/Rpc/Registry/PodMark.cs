namespace Orrery.Rpc.Registry;

/// <summary>What a node that is a pod of Kubernetes says of that on its card. The pod's name is the node's id.</summary>
/// <param name="Namespace">The pod's namespace.</param>
/// <param name="Watches">Whether the node has what it needs to ask Kubernetes for the pods.</param>
internal sealed record PodMark(string Namespace, bool Watches);
