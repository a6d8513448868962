using System.Globalization;
using System.Text.RegularExpressions;

namespace Orrery.Grains.SystemService.Linux;

/// <summary>A line of <c>/proc/self/mountinfo</c>.</summary>
/// <param name="Device">The numbers of the device; mounts of one file system share them.</param>
/// <param name="Root">The folder in the file system that is mounted.</param>
/// <param name="Point">Where it is mounted.</param>
/// <param name="Filesystem">Its kind.</param>
/// <param name="Options">The options of the file system.</param>
internal sealed partial record Mount(string Device, string Root, string Point, string Filesystem, IReadOnlyList<string> Options)
{
    // Kinds that keep nothing, or nothing on a disk, and images that are full by nature.
    private static readonly HashSet<string> NoDisks =
    [
        "autofs", "binder", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devfs", "devpts", "devtmpfs",
        "efivarfs", "fusectl", "fuse.gvfsd-fuse", "fuse.lxcfs", "fuse.portal", "fuse.snapfuse", "hugetlbfs", "mqueue", "nfsd",
        "nsfs", "overlay", "proc", "pstore", "ramfs", "resctrl", "rootfs", "rpc_pipefs", "securityfs", "selinuxfs", "smackfs",
        "squashfs", "sysfs", "tmpfs", "tracefs",
    ];

    /// <summary>Reads all lines, and passes over those that aren't as the kernel writes them.</summary>
    public static IReadOnlyList<Mount> ParseAll(string mountinfo) => [.. mountinfo.Split('\n').Select(Parse).OfType<Mount>()];

    /// <summary>Gives those that can be a disk, the shortest first; of those at one place the one that is seen there.</summary>
    public static IEnumerable<Mount> Disks(IEnumerable<Mount> mounts) => mounts
        .GroupBy(mount => mount.Point)
        .Select(layers => layers.Last())
        // What a container's root is laid over is its disk.
        .Where(mount => mount is { Filesystem: "overlay", Point: "/" } || !NoDisks.Contains(mount.Filesystem))
        .OrderBy(mount => mount.Point.Length)
        .ThenBy(mount => mount.Point, StringComparer.Ordinal);

    private static Mount? Parse(string line)
    {
        // Between the options of the mount and the dash stand any number of fields.
        var halves = line.Split(" - ", 2);
        var mount = halves[0].Split(' ');
        var filesystem = halves[^1].Split(' ');
        return halves.Length == 2 && mount.Length >= 6 && filesystem.Length >= 3
            ? new Mount(mount[2], Unescape(mount[3]), Unescape(mount[4]), filesystem[0], filesystem[2].Split(','))
            : null;
    }

    // A space, a tab, a line's end and a backslash in a name are written as three octal digits.
    private static string Unescape(string name) => name.Contains('\\', StringComparison.Ordinal)
        ? Escape().Replace(name, escape => ((char)Convert.ToInt32(escape.Value[1..], 8)).ToString(CultureInfo.InvariantCulture))
        : name;

    [GeneratedRegex(@"\\[0-7]{3}")]
    private static partial Regex Escape();
}
