namespace Orrery.Rpc.Routing;

/// <summary>The targets that stand for every node: <c>@all</c>, and <c>@all:role</c>.</summary>
internal static class FanOut
{
    private const string All = "@all";

    /// <summary>For how long all nodes together are waited for when the caller says nothing: as long as for one.</summary>
    public static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(30);

    /// <summary>Whether the target stands for every node, and of which role; empty for any.</summary>
    public static bool TryParse(ReadOnlySpan<char> target, out ReadOnlySpan<char> role)
    {
        role = default;
        if (!target.StartsWith(All, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = target[All.Length..];
        role = rest.IsEmpty ? rest : rest[1..];
        return rest.IsEmpty || (rest[0] == ':' && !role.IsEmpty);
    }
}
