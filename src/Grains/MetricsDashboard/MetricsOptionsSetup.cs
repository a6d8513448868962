using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Orrery.Grains.MetricsDashboard;

/// <summary>Reads <see cref="MetricsOptions"/> from the configuration, and refuses what can't work with the key and the fix.</summary>
internal sealed class MetricsOptionsSetup(IConfiguration configuration) : IConfigureOptions<MetricsOptions>, IValidateOptions<MetricsOptions>
{
    private static readonly TimeSpan Shortest = TimeSpan.FromHours(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);
    private static readonly TimeSpan MostTolerance = TimeSpan.FromMinutes(10);

    private readonly IConfigurationSection _section = configuration.GetSection(MetricsOptions.Section);
    private readonly List<string> _failures = [];

    public void Configure(MetricsOptions options)
    {
        string[] keys = [nameof(options.RawRetention), nameof(options.RollupRetention), nameof(options.ClockTolerance)];
        _failures.AddRange(_section.GetChildren()
            .Where(child => !keys.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            .Select(child => $"{child.Path} is not a setting. The settings are {string.Join(", ", keys.Select(key => $"{MetricsOptions.Section}:{key}"))}."));
        options.RawRetention = Duration(nameof(options.RawRetention), options.RawRetention);
        options.RollupRetention = Duration(nameof(options.RollupRetention), options.RollupRetention);
        options.ClockTolerance = Duration(nameof(options.ClockTolerance), options.ClockTolerance);
    }

    public ValidateOptionsResult Validate(string? name, MetricsOptions options)
    {
        if (options.RawRetention < Shortest || options.RawRetention > Longest)
        {
            Fail(nameof(options.RawRetention), $"{options.RawRetention:c} is not from an hour to ten years. Write two days as 2.00:00:00");
        }
        else if (options.RollupRetention < options.RawRetention || options.RollupRetention > Longest)
        {
            Fail(nameof(options.RollupRetention), $"{options.RollupRetention:c} is not from {MetricsOptions.Section}:{nameof(options.RawRetention)}, which is {options.RawRetention:c}, to ten years. Write thirty days as 30.00:00:00");
        }

        if (options.ClockTolerance < TimeSpan.Zero || options.ClockTolerance > MostTolerance)
        {
            Fail(nameof(options.ClockTolerance), $"{options.ClockTolerance:c} is not from zero to ten minutes. Write a minute as 00:01:00");
        }

        return _failures.Count > 0 ? ValidateOptionsResult.Fail(_failures) : ValidateOptionsResult.Success;
    }

    private TimeSpan Duration(string key, TimeSpan otherwise)
    {
        if (_section[key] is not { Length: > 0 } text)
        {
            return otherwise;
        }

        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var duration))
        {
            return duration;
        }

        Fail(key, $"'{text}' is not a duration. Write it as days.hours:minutes:seconds, like {otherwise:c}");
        return otherwise;
    }

    private void Fail(string key, string problem) =>
        _failures.Add($"{MetricsOptions.Section}:{key}: {problem}. Set it in appsettings.json, or as the environment variable Orrery__Metrics__{key}.");
}
