namespace Orrery.Rpc.Catalog;

/// <summary>
/// Tells what callers of one version of a service would lose on nodes with another one. What either of them may leave out is
/// no loss: a parameter at the end, a member of an object, a method.
/// </summary>
/// <param name="there">The signature that nodes have now.</param>
/// <param name="here">The signature of a node that starts.</param>
internal sealed class SignatureComparison(ServiceSignature there, ServiceSignature here)
{
    private readonly HashSet<(string, string, bool)> _compared = [];
    private readonly List<string> _breaks = [];

    /// <summary>Gives the differences of a method that lose calls, in words; none when it gets along, or one of the two lacks it.</summary>
    /// <param name="method">The method's name.</param>
    public IReadOnlyList<string> BreaksOf(string method)
    {
        if (!there.Methods.TryGetValue(method, out var theirs) || !here.Methods.TryGetValue(method, out var ours) || theirs.Id == ours.Id)
        {
            return [];
        }

        _compared.Clear();
        _breaks.Clear();
        CompareParameters(theirs.Parameters, ours.Parameters);
        CompareTypes("result", theirs.Returns, ours.Returns, isRead: false);
        return [.. _breaks];
    }

    private void CompareParameters(IReadOnlyList<Member> theirs, IReadOnlyList<Member> ours)
    {
        for (var i = 0; i < Math.Min(theirs.Count, ours.Count); i++)
        {
            if (theirs[i].Name != ours[i].Name)
            {
                // What follows has moved with it.
                _breaks.Add($"its parameter {i + 1} is '{ours[i].Name}' here and '{theirs[i].Name}' there");
                return;
            }

            CompareMembers(ours[i].Name, theirs[i], ours[i], isRead: true);
        }

        MustBeOptional("", ours.Skip(theirs.Count), "required here and unknown there");
        MustBeOptional("", theirs.Skip(ours.Count), "required there and unknown here");
    }

    private void CompareMembers(string path, Member theirs, Member ours, bool isRead)
    {
        if (isRead && theirs.Optional && !ours.Optional)
        {
            _breaks.Add($"'{path}' is required here and optional there");
        }

        CompareTypes(path, theirs.Type, ours.Type, isRead);
    }

    // isRead: nodes read it from callers. Else callers read it from nodes, theirs from ours and ours from theirs.
    private void CompareTypes(string path, string theirs, string ours, bool isRead)
    {
        var isTheirsNullable = Strip(TypeText.Nullable, ref theirs);
        var isOursNullable = Strip(TypeText.Nullable, ref ours);
        if (isTheirsNullable != isOursNullable && (isTheirsNullable || !isRead))
        {
            _breaks.Add(isOursNullable ? $"'{path}' can be null here and can't there" : $"'{path}' can be null there and can't here");
        }

        if (StripBoth(TypeText.Array, ref theirs, ref ours) || StripBoth(TypeText.Dictionary, ref theirs, ref ours))
        {
            CompareTypes($"{path}[]", theirs, ours, isRead);
        }
        else if (StripBoth(TypeText.Object, ref theirs, ref ours))
        {
            CompareObjects(path, theirs, ours, isRead);
        }
        else if (StripBoth(TypeText.Enum, ref theirs, ref ours))
        {
            CompareValues(path, theirs.Split(", "), ours.Split(", "));
        }
        else if (theirs != ours)
        {
            _breaks.Add($"'{path}' is {ServiceSignature.Readable(ours)} here and {ServiceSignature.Readable(theirs)} there");
        }
    }

    // A value that only one of them knows is like a method that only one of them has: it is for those that know it.
    private void CompareValues(string path, string[] theirs, string[] ours)
    {
        if (theirs.Except(ours).ToArray() is { Length: > 0 } missing)
        {
            _breaks.Add($"'{path}' can be {string.Join(" or ", missing)} there and can't here");
        }
    }

    private void CompareObjects(string path, string theirs, string ours, bool isRead)
    {
        if (!_compared.Add((theirs, ours, isRead)) || !there.Objects.TryGetValue(theirs, out var theirMembers) || !here.Objects.TryGetValue(ours, out var ourMembers))
        {
            return;
        }

        foreach (var (their, our) in theirMembers.Join(ourMembers, member => member.Name, member => member.Name, (their, our) => (their, our)))
        {
            CompareMembers($"{path}.{our.Name}", their, our, isRead);
        }

        MustBeOptional($"{path}.", ourMembers.ExceptBy(theirMembers.Select(member => member.Name), member => member.Name), "required here and unknown there");
        MustBeOptional($"{path}.", theirMembers.ExceptBy(ourMembers.Select(member => member.Name), member => member.Name), "required there and unknown here");
    }

    private void MustBeOptional(string path, IEnumerable<Member> members, string otherwise) =>
        _breaks.AddRange(members.Where(member => !member.Optional).Select(member => $"'{path}{member.Name}' is {otherwise}"));

    private static bool StripBoth(string prefix, ref string theirs, ref string ours) =>
        theirs.StartsWith(prefix, StringComparison.Ordinal) && Strip(prefix, ref ours) && Strip(prefix, ref theirs);

    private static bool Strip(string prefix, ref string text)
    {
        var has = text.StartsWith(prefix, StringComparison.Ordinal);
        text = has ? text[prefix.Length..] : text;
        return has;
    }
}
