namespace Orrery.Grains.SystemService.Linux;

/// <summary>A control group whose limits hold for this process.</summary>
/// <param name="Name">Its path in its hierarchy, as this process sees that.</param>
/// <param name="Folder">Where its files are.</param>
internal readonly record struct Cgroup(string Name, string Folder);

/// <summary>
/// The control groups that this process is in, each list from the innermost outwards: in the one hierarchy of version 2, and
/// in those of version 1 for memory, for the limit of the processors and for their use. A system can have both versions.
/// </summary>
internal sealed record Cgroups(
    IReadOnlyList<Cgroup> Unified,
    IReadOnlyList<Cgroup> Memory,
    IReadOnlyList<Cgroup> Cpu,
    IReadOnlyList<Cgroup> Cpuacct)
{
    /// <summary>Finds them in <c>/proc/self/cgroup</c> and <c>/proc/self/mountinfo</c>.</summary>
    public static Cgroups Find(KernelFiles files)
    {
        var memberships = files.ReadText("proc/self/cgroup").Split('\n').Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3).ToArray();
        var mounts = Mount.ParseAll(files.ReadText("proc/self/mountinfo"));
        return new Cgroups(Version2(), Version1("memory"), Version1("cpu"), Version1("cpuacct"));

        IReadOnlyList<Cgroup> Version2() => OfMounts(
            memberships.FirstOrDefault(parts => parts[0] == "0" && parts[1].Length == 0),
            mounts.Where(mount => mount.Filesystem == "cgroup2"));

        IReadOnlyList<Cgroup> Version1(string controller) => OfMounts(
            memberships.FirstOrDefault(parts => parts[1].Split(',').Contains(controller)),
            mounts.Where(mount => mount.Filesystem == "cgroup" && mount.Options.Contains(controller)));
    }

    private static List<Cgroup> OfMounts(string[]? membership, IEnumerable<Mount> mounts) =>
        membership is null ? [] : mounts.Select(mount => OfMount(membership[2], mount)).MaxBy(groups => groups.Count) ?? [];

    private static List<Cgroup> OfMount(string path, Mount mount)
    {
        var root = mount.Root.TrimEnd('/');
        if (path == mount.Root || path.StartsWith($"{root}/", StringComparison.Ordinal))
        {
            var steps = path[root.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries);
            // A step up leads out of what this process can see.
            return steps.Contains("..") ? [] : Outwards(root, mount.Point, steps);
        }

        // A mount of something else, as a container has it that doesn't know its place in the whole: what it shows is
        // above the process' group, if not the group itself.
        return path.StartsWith("/..", StringComparison.Ordinal) ? [] : Outwards(root, mount.Point, []);
    }

    private static List<Cgroup> Outwards(string root, string point, string[] steps) =>
        [.. Enumerable.Range(0, steps.Length + 1)
            .Select(outwards => string.Concat(steps.SkipLast(outwards).Select(step => $"/{step}")))
            .Select(path => new Cgroup(root + path, point + path))];
}
