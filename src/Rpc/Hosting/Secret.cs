using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Orrery.Rpc.Hosting;

/// <summary>Reads settings that nobody may see: from the configuration, or from a file that it names.</summary>
internal static class Secret
{
    /// <summary>What a key ends in that names a file with the secret.</summary>
    public const string FileSuffix = "_FILE";

    /// <summary>Gives the secret under the key, or what is in the file under the key with the suffix; null when neither is set.</summary>
    /// <exception cref="OptionsValidationException">Both are set, or the file can't be read or is empty.</exception>
    public static string? Read(IConfiguration configuration, string key)
    {
        var text = configuration[key];
        var file = configuration[key + FileSuffix];
        if (string.IsNullOrWhiteSpace(file))
        {
            return string.IsNullOrWhiteSpace(text) ? null : text.Trim();
        }

        if (!string.IsNullOrWhiteSpace(text))
        {
            throw Refuse(key, $"is set, and so is {key}{FileSuffix}. Leave one of them out");
        }

        try
        {
            return File.ReadAllText(file).Trim() is { Length: > 0 } content ? content : throw Refuse(key + FileSuffix, $"the file '{file}' is empty");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refuse(key + FileSuffix, $"the file '{file}' can't be read: {exception.Message}");
        }
    }

    private static OptionsValidationException Refuse(string key, string problem) =>
        new(key, typeof(NodeOptions), [$"{key}: {problem}. It is set as the environment variable {Settings.EnvironmentVariable(key)} or in appsettings.json."]);
}
