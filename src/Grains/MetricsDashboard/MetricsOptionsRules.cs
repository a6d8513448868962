using Microsoft.Extensions.Options;

namespace Orrery.Grains.MetricsDashboard;

/// <summary>Refuses <see cref="MetricsOptions"/> that can't work, with the key and the fix.</summary>
internal sealed class MetricsOptionsRules : IValidateOptions<MetricsOptions>
{
    private static readonly TimeSpan Shortest = TimeSpan.FromHours(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);
    private static readonly TimeSpan MostTolerance = TimeSpan.FromMinutes(10);

    public ValidateOptionsResult Validate(string? name, MetricsOptions options)
    {
        var failures = new List<string>();
        if (options.RawRetention < Shortest || options.RawRetention > Longest)
        {
            failures.Add(Text(nameof(options.RawRetention), options.RawRetention, "is not from an hour to ten years. Write two days as 2.00:00:00"));
        }
        else if (options.RollupRetention < options.RawRetention || options.RollupRetention > Longest)
        {
            failures.Add(Text(nameof(options.RollupRetention), options.RollupRetention, $"is not from {MetricsOptions.Section}:{nameof(options.RawRetention)}, which is {options.RawRetention:c}, to ten years. Write thirty days as 30.00:00:00"));
        }

        if (options.ClockTolerance < TimeSpan.Zero || options.ClockTolerance > MostTolerance)
        {
            failures.Add(Text(nameof(options.ClockTolerance), options.ClockTolerance, "is not from zero to ten minutes. Write a minute as 00:01:00"));
        }

        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }

    private static string Text(string key, TimeSpan value, string problem) =>
        $"{MetricsOptions.Section}:{key}: '{value:c}' {problem}. Set it in appsettings.json, or as the environment variable Orrery__Metrics__{key}.";
}
