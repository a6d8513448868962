using System.Text.RegularExpressions;
using System.Xml.Linq;
using Orrery.Cluster.Tests.Processes;

namespace Orrery.Deploy.Tests.Images;

/// <summary>What makes images small, safe and quick to build again.</summary>
internal static partial class DockerfileLint
{
    private static readonly string[] Hosts = ["Gateway", "Silo"];

    public static IEnumerable<string> Problems(Dockerfile file) =>
        [.. OfStages(file), .. Hosts.SelectMany(host => OfHost(file, host)), .. OfSources(file), .. OfRestore(file)];

    private static IEnumerable<string> OfStages(Dockerfile file)
    {
        foreach (var stage in file.Stages.Where(stage => file.Stages.All(other => other.Name != stage.Image) && !Pinned().IsMatch(stage.Image)))
        {
            yield return $"{stage.Image} is whatever it is today";
        }

        foreach (var (word, value) in file.Stages.SelectMany(stage => stage.Instructions).Where(instruction => instruction.Word is "ADD" or "MAINTAINER" || instruction.Value.Contains("sudo ", StringComparison.Ordinal) || Secret().IsMatch($"{instruction.Word} {instruction.Value}")))
        {
            yield return $"{word} {value}";
        }

        foreach (var stage in file.Stages.Where(stage => stage.Instructions.Any(instruction => instruction.Word is "COPY" && !instruction.Value.Split(' ')[^1].StartsWith('/')) && file.Under(stage).SelectMany(one => one.Instructions).All(instruction => instruction.Word is not "WORKDIR")))
        {
            yield return $"{stage.Name} copies to the root of the image";
        }
    }

    private static IEnumerable<string> OfHost(Dockerfile file, string host)
    {
        var name = host.ToLowerInvariant();
        if (file.Stages.SingleOrDefault(stage => stage.Name == name) is not { } stage)
        {
            yield return $"there is no target {name}";
            yield break;
        }

        var stages = file.Under(stage).ToArray();
        var instructions = stages.SelectMany(one => one.Instructions).ToArray();
        if (!stages[^1].Image.EndsWith("-chiseled", StringComparison.Ordinal) || instructions.Any(instruction => instruction.Word is "RUN" or "SHELL" || (instruction.Word is "HEALTHCHECK")))
        {
            yield return $"{name} needs a shell";
        }

        if (instructions.LastOrDefault(instruction => instruction.Word is "USER") is not { Value: "$APP_UID" or "1654" })
        {
            yield return $"{name} runs as root";
        }

        if (instructions.LastOrDefault(instruction => instruction.Word is "ENTRYPOINT").Value != $"[\"dotnet\", \"Orrery.{host}.dll\"]")
        {
            yield return $"{name} does not start its program, or not as process 1, which is told to stop";
        }

        if (!instructions.Any(instruction => instruction.Word is "COPY" && instruction.Value.StartsWith($"--from=build /out/{name} ", StringComparison.Ordinal))
            || !file.Named("build").Instructions.Any(instruction => instruction.Word is "RUN" && instruction.Value.Contains($"dotnet publish src/{host} ", StringComparison.Ordinal) && instruction.Value.Contains($"--output /out/{name} ", StringComparison.Ordinal)))
        {
            yield return $"{name} does not get what is published";
        }

        foreach (var label in new[] { "title", "description", "version", "revision", "licenses" }.Where(label => !instructions.Any(instruction => instruction.Word is "LABEL" && instruction.Value.Contains($"org.opencontainers.image.{label}=", StringComparison.Ordinal))))
        {
            yield return $"{name} has no label {label}";
        }
    }

    private static IEnumerable<string> OfSources(Dockerfile file)
    {
        var kept = File.ReadAllLines(Path.Combine(Repository.Root, ".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]).ToArray();
        foreach (var source in file.Stages.SelectMany(stage => stage.Sources))
        {
            if (!Path.Exists(Path.Combine(Repository.Root, source)))
            {
                yield return $"{source} is not there";
            }

            if (!kept.Any(path => source.TrimEnd('/') == path || source.StartsWith(path + "/", StringComparison.Ordinal)))
            {
                yield return $"{source} is kept from the engine by .dockerignore";
            }
        }
    }

    // Restored are the hosts and all that they refer to; with what else there is, each change would restore anew.
    private static IEnumerable<string> OfRestore(Dockerfile file)
    {
        var build = file.Named("build");
        var restore = build.Instructions.FindIndex(instruction => instruction.Word is "RUN" && instruction.Value.Contains("dotnet restore", StringComparison.Ordinal));
        var before = new Stage(build.Image, build.Name, build.Instructions[..restore]).Sources.ToArray();
        var needed = Hosts.SelectMany(host => Projects($"src/{host}/{host}.csproj")).Distinct().Concat(["global.json", "Directory.Build.props", "Directory.Packages.props"]).ToArray();
        foreach (var missing in needed.Except(before))
        {
            yield return $"{missing} is not there when packages are restored";
        }

        foreach (var folder in before.Where(source => Directory.Exists(Path.Combine(Repository.Root, source))))
        {
            yield return $"{folder} is there when packages are restored, and restores them again whenever something in it changes";
        }

        foreach (var missing in needed.Where(source => source.EndsWith(".csproj", StringComparison.Ordinal)).SelectMany(Embedded).Where(source => !build.Sources.Any(copied => source == copied || source.StartsWith(copied, StringComparison.Ordinal))))
        {
            yield return $"{missing} is needed to build";
        }
    }

    private static IEnumerable<string> Projects(string project) => Include(project, "ProjectReference").SelectMany(Projects).Append(project);

    private static IEnumerable<string> Embedded(string project) => Include(project, "EmbeddedResource");

    private static IEnumerable<string> Include(string project, string item) =>
        XDocument.Load(Path.Combine(Repository.Root, project)).Descendants(item)
            .Select(element => element.Attribute("Include")!.Value)
            .Select(path => Path.GetRelativePath(Repository.Root, Path.GetFullPath(path, Path.Combine(Repository.Root, Path.GetDirectoryName(project)!))));

    [GeneratedRegex(@"^[\w./-]+:\d[\w.-]+$")]
    private static partial Regex Pinned();

    [GeneratedRegex(@"^(ARG|ENV) \S*(PASSWORD|SECRET|TOKEN)")]
    private static partial Regex Secret();
}
