using System.Net;
using System.Net.Sockets;

namespace Orrery.Gateway.Security;

/// <summary>Tells clients apart that do not say who they are, so that each has a count of its own.</summary>
internal static class ClientNetwork
{
    private const int Bytes = 8;

    /// <summary>
    /// Gives the address of IPv4, and the network of one of IPv6, because whoever has one address of it has all of them. An
    /// address of IPv4 is the same in IPv6's notation.
    /// </summary>
    public static IPAddress Of(IPAddress address)
    {
        if (address.AddressFamily is AddressFamily.InterNetwork)
        {
            return address;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[Bytes..].Clear();
        return new IPAddress(bytes);
    }
}
