namespace Orrery.Rpc.Health;

/// <summary>Says which question a health check is part of the answer to. One without a tag tells whether to send calls.</summary>
public static class HealthTags
{
    /// <summary>Tells whether to restart the node, and nothing else: unhealthy when only that helps.</summary>
    public const string Live = "live";
}
