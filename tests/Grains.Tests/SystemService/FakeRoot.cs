using Orrery.Grains.SystemService.Linux;

namespace Orrery.Grains.Tests.SystemService;

/// <summary>A folder that stands for the root of a Linux machine.</summary>
internal sealed class FakeRoot : IDisposable
{
    public const long MachineMemory = 16_000_000L * 1024;

    public const string Stat =
        """
        cpu  1000 10 500 8000 100 5 20 15 300 0
        cpu0 500 5 250 4000 50 2 10 8 150 0
        cpu1 250 3 125 2000 25 2 5 4 75 0
        cpu2 125 1 60 1000 13 1 3 2 37 0
        cpu3 125 1 65 1000 12 0 2 1 38 0
        intr 123456 1 2 3
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orrery-root-");

    public KernelFiles Files() => new(_folder.FullName);

    /// <summary>Writes what every machine has: four processors and about 16 GB.</summary>
    public FakeRoot WithMachine()
    {
        Write("proc/stat", Stat);
        Write("proc/meminfo", "MemTotal:       16000000 kB\nMemFree:         1000000 kB\nMemAvailable:   12000000 kB\nBuffers:          500000 kB\n");
        Write("proc/loadavg", "0.52 1.25 12.00 2/345 6789\n");
        Write("proc/net/dev",
            """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo: 999999    9999    9    9    0     0          0         0   999999    9999    9    9    0     0       0          0
              eth0:    1000      10    1    2    0     0          0         0     2000      20    3    4    0     0       0          0
              eth1:500 5 0 0 0 0 0 0 700 7 0 0 0 0 0 0

            """);
        Write("proc/diskstats",
            """
               7       0 loop0 50 0 400 1 0 0 0 0 0 1 1
             259       0 nvme0n1 100 5 2000 30 200 6 4000 40 0 50 70 0 0 0 0
             259       1 nvme0n1p1 90 5 1900 30 190 6 3900 40 0 50 70 0 0 0 0
               8       0 sda 1 0 8 1 2 0 16 1 0 2 2
             253       0 dm-0 80 0 1800 1 180 0 3800 1 0 2 2

            """);
        foreach (var disk in new[] { "nvme0n1", "sda" })
        {
            Write($"sys/block/{disk}/device/vendor", "x");
        }

        foreach (var other in new[] { "loop0", "dm-0" })
        {
            Write($"sys/block/{other}/size", "1");
        }

        foreach (var name in new[] { "1", "27", "12345", "self", "9lives" })
        {
            Write($"proc/{name}/comm", "x");
        }

        return this;
    }

    /// <summary>Writes the lines that say which groups the process is in, and where those are mounted.</summary>
    public FakeRoot WithGroups(string membership, params string[] mounts)
    {
        Write("proc/self/cgroup", membership);
        Write("proc/self/mountinfo", string.Join('\n', mounts));
        return this;
    }

    public FakeRoot Write(string path, string text)
    {
        var file = Path.Combine(_folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return this;
    }

    public void Delete(string path) => File.Delete(Path.Combine(_folder.FullName, path));

    public void Dispose() => _folder.Delete(recursive: true);
}
