using System.Text.RegularExpressions;
using Orrery.Cluster.Tests.Processes;

namespace Orrery.Deploy.Tests.Images;

/// <summary>The instructions of a Dockerfile, by stage.</summary>
/// <param name="Stages">In their order.</param>
internal sealed partial record Dockerfile(IReadOnlyList<Stage> Stages)
{
    /// <summary>The one of the repository.</summary>
    public static string Text { get; } = File.ReadAllText(Path.Combine(Repository.Root, "Dockerfile"));

    /// <summary>Reads instructions: one each line, or several that end in a backslash.</summary>
    public static Dockerfile Parse(string text)
    {
        var stages = new List<Stage>();
        foreach (var line in Continued().Replace(Comment().Replace(text, ""), " ").Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0))
        {
            var words = line.Split(' ', 2);
            if (words[0] is "FROM")
            {
                var from = From().Match(words[1]);
                stages.Add(new Stage(from.Groups["image"].Value, from.Groups["name"].Value, []));
            }
            else
            {
                stages[^1].Instructions.Add((words[0], words[1]));
            }
        }

        return new(stages);
    }

    public Stage Named(string name) => Stages.Single(stage => stage.Name == name);

    /// <summary>The stages that one is made on, itself first.</summary>
    public IEnumerable<Stage> Under(Stage stage)
    {
        for (var next = stage; next is not null; next = Stages.SingleOrDefault(other => other.Name == next.Image))
        {
            yield return next;
        }
    }

    [GeneratedRegex(@"^#.*\n", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\\\n\s*")]
    private static partial Regex Continued();

    [GeneratedRegex(@"^(--platform=\S+ )?(?<image>\S+)( AS (?<name>\S+))?$")]
    private static partial Regex From();
}

/// <summary>A stage of a Dockerfile.</summary>
/// <param name="Image">The image or the stage that it is made on.</param>
/// <param name="Name">What others call it.</param>
/// <param name="Instructions">In their order.</param>
internal sealed record Stage(string Image, string Name, List<(string Word, string Value)> Instructions)
{
    /// <summary>What is copied into it from the tree, in its order.</summary>
    public IEnumerable<string> Sources => Instructions
        .Where(instruction => instruction.Word is "COPY" && !instruction.Value.StartsWith("--from", StringComparison.Ordinal))
        .SelectMany(instruction => instruction.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..^1]);
}
