using Orrery.Rpc.Addressing;

namespace Orrery.Rpc.Catalog;

/// <summary>Sets the version of a service on a node that starts beside those on nodes that are there.</summary>
/// <param name="ours">The version that starts.</param>
/// <param name="theirs">The versions that are there, with their nodes.</param>
internal sealed class VersionComparison(ServiceDescription ours, IReadOnlyList<(string NodeId, ServiceDescription Service)> theirs)
{
    /// <summary>Gives what would lose calls, one text for each method and each other version of it.</summary>
    public IEnumerable<string> Breaks()
    {
        foreach (var name in ours.Signature!.Methods.Keys.Order(StringComparer.Ordinal))
        {
            var others = theirs.Where(other => other.Service.Signature?.Methods.ContainsKey(name) is true).GroupBy(other => other.Service.Signature!.Methods[name].Id).ToArray();
            // Where a node has the method in this very form, another one changes nothing: whoever was there may come back.
            if (others.Any(group => group.Key == ours.Signature.Methods[name].Id))
            {
                continue;
            }

            foreach (var group in others)
            {
                var their = group.First().Service.Signature!;
                if (new SignatureComparison(their, ours.Signature).BreaksOf(name) is { Count: > 0 } differences)
                {
                    yield return $"{ours.Name}/{name} is not what it is on {Names.Several(group.Select(other => other.NodeId))}: {string.Join("; ", differences)}. There it is {name}{their.TextOf(name)}, here {name}{ours.Signature.TextOf(name)}.";
                }
            }
        }
    }

    /// <summary>Gives the methods that only other nodes have, with those nodes.</summary>
    public IEnumerable<(string Service, string Method, string Nodes)> Missing() => theirs
        .SelectMany(other => other.Service.Methods, (other, method) => (other.NodeId, method.Name))
        .Where(other => ours.Method(other.Name) is null)
        .GroupBy(other => other.Name)
        .Select(group => (ours.Name, group.Key, Names.Several(group.Select(other => other.NodeId))));
}
