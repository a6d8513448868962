using System.Text.Json;

namespace Orrery.Chaos.Calls;

/// <summary>What a caller was told.</summary>
/// <param name="Code">The error's code, or a word for what is no answer; null for a result.</param>
/// <param name="Executed">Whether the method ran, in the error's own words.</param>
/// <param name="Reason">The error's reason.</param>
/// <param name="Result">The result.</param>
internal sealed record Outcome(string? Code, string Executed = Outcome.Unsaid, string? Reason = null, JsonElement Result = default)
{
    /// <summary>Nobody said whether the method ran.</summary>
    public const string Unsaid = "unsaid";

    /// <summary>No gateway took the connection, so nothing was sent.</summary>
    public static Outcome Refused { get; } = new("refused", "no");

    /// <summary>The connection ended before the answer.</summary>
    public static Outcome Broken { get; } = new("broken");

    /// <summary>No answer came, long after its time.</summary>
    public static Outcome Silent { get; } = new("silent");

    public bool IsAnswered => Code is null;

    public static Outcome Read(JsonElement answer)
    {
        if (answer.TryGetProperty("result", out var result))
        {
            return new(null, "yes", Result: result);
        }

        var error = answer.GetProperty("error");
        return error.TryGetProperty("data", out var data)
            ? new(error.GetProperty("code").GetRawText(), data.GetProperty("executed").GetString()!, data.GetProperty("reason").GetString())
            : new(error.GetProperty("code").GetRawText());
    }
}
