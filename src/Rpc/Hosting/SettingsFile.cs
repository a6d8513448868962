using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;

namespace Orrery.Rpc.Hosting;

/// <summary>The <c>appsettings.json</c> of the folder that <c>--contentRoot</c> names.</summary>
internal static class SettingsFile
{
    private const string Name = "appsettings.json";

    /// <summary>Adds it behind the files that the host reads by itself, so that the environment and the command line still override it.</summary>
    /// <param name="configuration">The host's.</param>
    /// <param name="folder">The folder.</param>
    /// <exception cref="OptionsValidationException">It is not there.</exception>
    public static void Add(IConfigurationBuilder configuration, string folder)
    {
        var path = Path.GetFullPath(folder);
        if (!File.Exists(Path.Combine(path, Name)))
        {
            throw new OptionsValidationException("contentRoot", typeof(NodeOptions), [$"contentRoot: there is no {Name} in {path}. Give the folder that has it with --contentRoot, or leave that out."]);
        }

        var last = configuration.Sources.Select((source, index) => source is JsonConfigurationSource ? index : 0).Max();
        // Looked at every few seconds: where such a folder is mounted, its content is changed by swapping a link, of which
        // the system tells nobody.
        var files = new PhysicalFileProvider(path) { UsePollingFileWatcher = true, UseActivePolling = true };
        configuration.Sources.Insert(last + 1, new JsonConfigurationSource { Path = Name, FileProvider = files, ReloadOnChange = true });
    }
}
