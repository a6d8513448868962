using System.Globalization;

namespace Orrery.Micro;

/// <summary>The call that all of this is about: a text of 64 characters and an integer, in and out.</summary>
internal static class Samples
{
    public const int BatchLength = 50;

    public static string Parameters { get; } = $$"""{"text":"{{new string('x', 64)}}","n":41}""";

    public static string Request(int id) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"jsonrpc":"2.0","method":"echo/worker-1/say","params":{{Parameters}},"id":{{id}}}""");
}
