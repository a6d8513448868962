using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Orrery.Rpc.Hosting;

namespace Orrery.Operations;

/// <summary>
/// <c>Orrery:ManagementUrl</c>: where the node tells how it is, to whoever runs it. By default port 8081 of loopback, or a
/// free one when that is taken. It can't be changed there, so it needs no TLS, and it is not for the world.
/// </summary>
internal static class ManagementUrl
{
    private const string Key = nameof(ManagementUrl);
    private const int Default = 8081;

    /// <summary>Reads it: the addresses to try, of which the first that is free is the one.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">It is no address to listen on.</exception>
    public static IReadOnlyList<string> Read(IConfiguration configuration)
    {
        var settings = new Settings(configuration);
        if (settings.Text(Key) is not { } text)
        {
            string[] both = [$"http://{IPAddress.Loopback}:{Default}", $"http://{IPAddress.Loopback}:0"];
            return LoopbackPort.IsFree(Default, IPAddress.Loopback) ? both : both[1..];
        }

        if (!IsUsable(text))
        {
            settings.Fail(Key, $"'{text}' is not an address to listen on. Write it like http://127.0.0.1:{Default}, or http://0.0.0.0:{Default} for probes from elsewhere");
            settings.ThrowIfFailed();
        }

        return [text];
    }

    private static bool IsUsable(string text)
    {
        try
        {
            var address = BindingAddress.Parse(text);
            return address.Scheme == Uri.UriSchemeHttp && address is { PathBase: "", IsUnixPipe: false, IsNamedPipe: false } && address.Port <= ushort.MaxValue;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
