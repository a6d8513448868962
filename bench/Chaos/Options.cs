using System.Globalization;
using Orrery.Chaos.Scenarios;

namespace Orrery.Chaos;

/// <summary>What to run, from the command line.</summary>
/// <param name="Scenarios">What to do to clusters.</param>
/// <param name="Pace">How long, and under how many calls.</param>
internal sealed record Options(IReadOnlyList<Scenario> Scenarios, Pace Pace)
{
    public static string Usage { get; } = $"""
        --only kill-worker   one scenario: {string.Join(", ", AllScenarios.List.Select(scenario => scenario.Name))}
        --short              the form that the tests run
        --rate 200           calls a second, from 1 to 10000
        """;

    /// <summary>Reads the arguments; null when they can't be read.</summary>
    public static Options? Read(string[] args)
    {
        var options = new Options(AllScenarios.List, args.Contains("--short") ? Pace.Short : Pace.Long);
        var rest = new Queue<string>(args.Where(arg => arg != "--short"));
        while (rest.TryDequeue(out var name))
        {
            if (!rest.TryDequeue(out var value) || options.With(name, value) is not { } next)
            {
                return null;
            }

            options = next;
        }

        return options;
    }

    private Options? With(string name, string value) => name switch
    {
        "--only" when AllScenarios.List.FirstOrDefault(scenario => scenario.Name == value) is { } scenario => this with { Scenarios = [scenario] },
        "--rate" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var rate) && rate is > 0 and <= 10_000 => this with { Pace = Pace with { Rate = rate } },
        _ => null,
    };
}
