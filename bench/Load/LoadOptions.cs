using System.Globalization;
using Orrery.Load.Client;

namespace Orrery.Load;

/// <summary>How much to measure.</summary>
/// <param name="Connections">The connections of the client, each with one request under way.</param>
/// <param name="Seconds">How long each row is measured in a round.</param>
/// <param name="WarmUp">How long each row is called before that, in seconds, as often as it takes until its servers compile no more.</param>
/// <param name="WarmUps">How often that is at most.</param>
/// <param name="Rounds">How often each row is measured; the table shows the median.</param>
/// <param name="Starts">How often each of those starts whose start is measured.</param>
/// <param name="Only">Words of the rows to measure; one with a dash before it must not be there; several lists of words, separated by semicolons, are alternatives.</param>
internal sealed record LoadOptions(int Connections, double Seconds, double WarmUp, int WarmUps, int Rounds, int Starts, string Only)
{
    private const string Help = "The options are --connections 32, --seconds 2, --warm-up 5, --warm-ups 12, --rounds 5, --starts 5 and --only <words of the rows to measure, with a - those of rows not to, or of others; …>.";

    public static LoadOptions Parse(string[] args)
    {
        var options = new LoadOptions(Connections: 32, Seconds: 2, WarmUp: 5, WarmUps: 12, Rounds: 5, Starts: 5, Only: "");
        foreach (var pair in args.Chunk(2))
        {
            options = pair switch
            {
                ["--connections", var text] => options with { Connections = (int)Number(text) },
                ["--seconds", var text] => options with { Seconds = Number(text) },
                ["--warm-up", var text] => options with { WarmUp = Number(text) },
                ["--warm-ups", var text] => options with { WarmUps = (int)Number(text) },
                ["--rounds", var text] => options with { Rounds = (int)Number(text) },
                ["--starts", var text] => options with { Starts = (int)Number(text) },
                ["--only", var text] => options with { Only = text },
                _ => throw new LoadException(Help),
            };
        }

        return options;
    }

    /// <summary>Whether something of this name is to be measured.</summary>
    public bool Chooses(string name) =>
        Only.Split(';').Any(words => words.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word => word[0] == '-' ? !name.Contains(word[1..]) : name.Contains(word)));

    private static double Number(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 10_000
            ? number
            : throw new LoadException($"'{text}' is not a number from 1 to 10000. {Help}");
}
