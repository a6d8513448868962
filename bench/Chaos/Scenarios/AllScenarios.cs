namespace Orrery.Chaos.Scenarios;

/// <summary>All that the suite does to clusters.</summary>
internal static class AllScenarios
{
    public static IReadOnlyList<Scenario> List { get; } = [.. Crashes.All, .. Absences.All, SlowWorker.Scenario, Overload.Scenario, HangUp.Scenario];

    public static Scenario Named(string name) => List.Single(scenario => scenario.Name == name);
}
