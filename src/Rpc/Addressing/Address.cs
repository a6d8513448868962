namespace Orrery.Rpc.Addressing;

/// <summary>
/// The parts of an address, <c>service/method</c> or <c>service/target/method</c>, as slices of the text they were
/// read from: reading one allocates nothing.
/// </summary>
public readonly ref struct Address
{
    private Address(ReadOnlySpan<char> service, ReadOnlySpan<char> target, ReadOnlySpan<char> method)
    {
        Service = service;
        Target = target;
        Method = method;
    }

    /// <summary>The longest address that can name anything, in characters.</summary>
    public const int MaxLength = 256;

    /// <summary>The service's name.</summary>
    public ReadOnlySpan<char> Service { get; }

    /// <summary>A role or a node id; empty for any node.</summary>
    public ReadOnlySpan<char> Target { get; }

    /// <summary>The method's name.</summary>
    public ReadOnlySpan<char> Method { get; }

    /// <summary>Reads an address. False when it has not two or three parts, or an empty one, or is too long.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Address address)
    {
        address = default;
        var first = text.IndexOf('/');
        if (first <= 0 || text.Length > MaxLength)
        {
            return false;
        }

        var rest = text[(first + 1)..];
        var second = rest.IndexOf('/');
        if (second < 0)
        {
            address = new Address(text[..first], default, rest);
            return !rest.IsEmpty;
        }

        var method = rest[(second + 1)..];
        address = new Address(text[..first], rest[..second], method);
        return second > 0 && !method.IsEmpty && !method.Contains('/');
    }

    /// <summary>Writes an address; an empty target gives the short form.</summary>
    public static string Format(string service, ReadOnlySpan<char> target, string method) =>
        target.IsEmpty ? $"{service}/{method}" : $"{service}/{target}/{method}";

    /// <inheritdoc/>
    public override string ToString() => Format(Service.ToString(), Target, Method.ToString());
}
