namespace Orrery.Rpc.Telemetry;

/// <summary>What to ask for, for whoever sets up OpenTelemetry in a program of their own.</summary>
public static class TelemetryNames
{
    /// <summary>The meter of the platform's metrics.</summary>
    public const string Meter = "Orrery";

    /// <summary>The source of the platform's spans.</summary>
    public const string ActivitySource = "Orrery";
}
