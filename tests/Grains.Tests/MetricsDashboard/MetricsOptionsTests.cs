using Microsoft.Extensions.Configuration;
using Orrery.Grains.MetricsDashboard;

namespace Orrery.Grains.Tests.MetricsDashboard;

public sealed class MetricsOptionsTests
{
    [Fact]
    public void With_nothing_set_reports_are_kept_for_two_days_and_averages_for_thirty()
    {
        var (options, failures) = Read([]);

        Assert.Empty(failures);
        Assert.Equal((TimeSpan.FromDays(2), TimeSpan.FromDays(30), TimeSpan.FromMinutes(1)), (options.RawRetention, options.RollupRetention, options.ClockTolerance));
    }

    [Fact]
    public void They_are_read_from_the_configuration()
    {
        var (options, failures) = Read(new() { ["RawRetention"] = "12:00:00", ["rollupretention"] = "7", ["ClockTolerance"] = "0:0:5" });

        Assert.Empty(failures);
        Assert.Equal((TimeSpan.FromHours(12), TimeSpan.FromDays(7), TimeSpan.FromSeconds(5)), (options.RawRetention, options.RollupRetention, options.ClockTolerance));
    }

    [Theory]
    [InlineData("RawRetention", "two days", "'two days' is not a duration. Write it as days.hours:minutes:seconds, like 2.00:00:00")]
    [InlineData("RawRetention", "00:59:59", "00:59:59 is not from an hour to ten years")]
    [InlineData("RawRetention", "4000", "4000.00:00:00 is not from an hour")]
    [InlineData("RollupRetention", "1.23:59:59", "1.23:59:59 is not from Orrery:Metrics:RawRetention, which is 2.00:00:00, to ten years")]
    [InlineData("RollupRetention", "4000", "4000.00:00:00 is not from Orrery:Metrics:RawRetention")]
    [InlineData("ClockTolerance", "-00:00:01", "-00:00:01 is not from zero to ten minutes")]
    [InlineData("ClockTolerance", "00:10:01", "00:10:01 is not from zero to ten minutes")]
    public void A_wrong_one_is_refused_with_its_key_and_the_fix(string key, string value, string problem)
    {
        var failure = Assert.Single(Read(new() { [key] = value }).Failures);

        Assert.StartsWith($"Orrery:Metrics:{key}: {problem}", failure, StringComparison.Ordinal);
        Assert.EndsWith($"Orrery__Metrics__{key}.", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_nobody_reads_is_refused_with_those_that_are() => Assert.Equal(
        ["Orrery:Metrics:Retention is not a setting. The settings are Orrery:Metrics:RawRetention, Orrery:Metrics:RollupRetention, Orrery:Metrics:ClockTolerance."],
        Read(new() { ["Retention"] = "1" }).Failures);

    private static (MetricsOptions Options, IEnumerable<string> Failures) Read(Dictionary<string, string?> settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"{MetricsOptions.Section}:{setting.Key}", setting.Value))).Build();
        var setup = new MetricsOptionsSetup(configuration);
        var options = new MetricsOptions();
        setup.Configure(options);
        return (options, setup.Validate(null, options).Failures ?? []);
    }
}
