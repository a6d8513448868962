using Orrery.Grains.SystemService.Linux;

namespace Orrery.Grains.Tests.SystemService;

public sealed class CgroupTests : IDisposable
{
    private const string UnifiedMount = "30 25 0:26 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup ro,nsdelegate";
    private const string MemoryMount = "33 30 0:31 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory";
    private const string CpuMount = "34 30 0:32 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct";

    private readonly FakeRoot _root = new FakeRoot().WithMachine();

    private Cgroups Groups => Cgroups.Find(_root.Files());

    private MemoryLimit? Memory => MemoryLimit.Find(_root.Files(), Groups, FakeRoot.MachineMemory);

    private CpuLimit? Cpu => CpuLimit.Find(_root.Files(), Groups, machineProcessors: 4);

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Version_2_in_a_namespace_of_its_own()
    {
        _root.WithGroups("0::/\n", UnifiedMount);
        Unified("", memory: "1073741824\n", used: "600000000\n", cpu: "150000 100000\n", usage: 5_000_000);

        Assert.Equal(new MemoryLimit(1_073_741_824, 600_000_000 - 100_000_000), Memory);
        Assert.Equal(new CpuLimit("/sys/fs/cgroup", 1.5, 5_000_000_000), Cpu);
    }

    [Fact]
    public void Version_2_nested_the_tightest_limit_counts_with_the_use_of_its_group()
    {
        _root.WithGroups("0::/kube/pod7/app\n", UnifiedMount);
        Unified("/kube/pod7/app", memory: "max", used: "1000", cpu: "300000 100000", usage: 1);
        Unified("/kube/pod7", memory: "2000000000", used: "500000000", cpu: "50000 100000", usage: 2_000);
        Unified("/kube", memory: "3000000000", used: "700000000", cpu: "max 100000", usage: 3_000);

        Assert.Equal(new MemoryLimit(2_000_000_000, 400_000_000), Memory);
        Assert.Equal(new CpuLimit("/sys/fs/cgroup/kube/pod7", 0.5, 2_000_000), Cpu);
    }

    [Fact]
    public void Of_two_equal_limits_the_outer_one_counts()
    {
        _root.WithGroups("0::/pod/app\n", UnifiedMount);
        Unified("/pod/app", memory: "1000000000", used: "200000000", cpu: "100000 100000", usage: 1);
        Unified("/pod", memory: "1000000000", used: "900000000", cpu: "200000 200000", usage: 2);

        Assert.Equal(800_000_000, Memory!.Value.UsedBytes);
        Assert.Equal("/sys/fs/cgroup/pod", Cpu!.Value.Group);
    }

    [Fact]
    public void Version_2_without_limits()
    {
        _root.WithGroups("0::/user.slice\n", UnifiedMount);
        Unified("/user.slice", memory: "max", used: "1000", cpu: "max 100000", usage: 1);

        Assert.Null(Memory);
        Assert.Null(Cpu);
    }

    [Theory]
    [InlineData("16384000000", "400000 100000")]
    [InlineData("99000000000", "800000 100000")]
    [InlineData("9223372036854771712", "9223372036854775807 1")]
    [InlineData("18446744073709551615", "18446744073709551615 100000")]
    public void A_limit_that_the_machine_does_not_reach_is_none(string memory, string cpu)
    {
        _root.WithGroups("0::/\n", UnifiedMount);
        Unified("", memory, used: "1000", cpu, usage: 1);

        Assert.Null(Memory);
        Assert.Null(Cpu);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("lots", "some of it")]
    [InlineData("0", "0 0")]
    [InlineData("-5", "100000 0")]
    [InlineData("99999999999999999999999999", "100000")]
    public void A_garbled_limit_is_none(string memory, string cpu)
    {
        _root.WithGroups("0::/\n", UnifiedMount);
        Unified("", memory, used: "1000", cpu, usage: 1);

        Assert.Null(Memory);
        Assert.Null(Cpu);
    }

    [Fact]
    public void A_limit_whose_use_cannot_be_read_is_still_the_limit()
    {
        _root.WithGroups("0::/\n", UnifiedMount);
        _root.Write("sys/fs/cgroup/memory.max", "1000000").Write("sys/fs/cgroup/memory.current", "?").Write("sys/fs/cgroup/cpu.max", "100000 100000");

        Assert.Equal(new MemoryLimit(1_000_000, null), Memory);
        Assert.Equal(new CpuLimit("/sys/fs/cgroup", 1, null), Cpu);
    }

    [Fact]
    public void More_inactive_than_used_is_nothing_used()
    {
        _root.WithGroups("0::/\n", UnifiedMount);
        Unified("", memory: "1000000", used: "5", cpu: "max", usage: 1);

        Assert.Equal(0, Memory!.Value.UsedBytes);
    }

    [Fact]
    public void Version_1_in_a_container_that_sees_the_names_outside()
    {
        _root.WithGroups(
            "12:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n",
            MemoryMount.Replace(" / /sys", " /docker/abc /sys", StringComparison.Ordinal),
            CpuMount.Replace(" / /sys", " /docker/abc /sys", StringComparison.Ordinal));
        Version1(memory: "536870912", quota: "250000");

        Assert.Equal(new MemoryLimit(536_870_912, 300_000_000), Memory);
        Assert.Equal(new CpuLimit("/sys/fs/cgroup/cpu,cpuacct", 2.5, 7_000_000_000), Cpu);
    }

    [Theory]
    [InlineData("9223372036854771712")]
    [InlineData("9223372036854710272")]
    public void Version_1_without_limits(string unlimited)
    {
        _root.WithGroups("12:memory:/\n4:cpu,cpuacct:/\n", MemoryMount, CpuMount);
        Version1(memory: unlimited, quota: "-1");

        Assert.Null(Memory);
        Assert.Null(MemoryLimit.Find(_root.Files(), Groups, MemoryLimit.Unlimited));
        Assert.Null(Cpu);
    }

    [Fact]
    public void Version_1_with_use_and_limit_mounted_apart()
    {
        _root.WithGroups(
            "3:cpu:/job\n2:cpuacct:/job\n",
            "34 30 0:32 / /cg/cpu rw - cgroup cgroup rw,cpu",
            "35 30 0:33 / /cg/acct rw - cgroup cgroup rw,cpuacct");
        _root.Write("cg/cpu/job/cpu.cfs_quota_us", "100000").Write("cg/cpu/job/cpu.cfs_period_us", "50000").Write("cg/acct/job/cpuacct.usage", "42");

        Assert.Equal(new CpuLimit("/cg/cpu/job", 2, 42), Cpu);
    }

    [Fact]
    public void Both_versions_side_by_side()
    {
        _root.WithGroups(
            "12:memory:/box\n4:cpu,cpuacct:/\n0::/user\n",
            MemoryMount,
            CpuMount,
            UnifiedMount.Replace("/sys/fs/cgroup ", "/sys/fs/cgroup/unified ", StringComparison.Ordinal));
        Version1(memory: "9223372036854771712", quota: "-1");
        _root.Write("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "1000000000").Write("sys/fs/cgroup/memory/box/memory.usage_in_bytes", "1000");
        _root.Write("sys/fs/cgroup/unified/user/cpu.max", "100000 100000").Write("sys/fs/cgroup/unified/user/cpu.stat", "usage_usec 9\n");

        Assert.Equal(new MemoryLimit(1_000_000_000, 1000), Memory);
        Assert.Equal(new CpuLimit("/sys/fs/cgroup/unified/user", 1, 9000), Cpu);
    }

    [Theory]
    [InlineData("0::/../other", "/")]
    [InlineData("0::/a/../../b", "/")]
    public void A_group_out_of_sight_has_no_limits_that_could_be_read(string membership, string root)
    {
        _root.WithGroups(membership, UnifiedMount.Replace(" / /sys", $" {root} /sys", StringComparison.Ordinal));
        Unified("", memory: "1000", used: "10", cpu: "1 1", usage: 1);

        Assert.Empty(Groups.Unified);
    }

    [Theory]
    [InlineData("0::/app", "/..", "/sys/fs/cgroup")]
    [InlineData("0::/../app", "/..", "/sys/fs/cgroup/app /sys/fs/cgroup")]
    [InlineData("0::/inside", "/docker/abc", "/sys/fs/cgroup")]
    [InlineData("0::/docker/abcd", "/docker/abc", "/sys/fs/cgroup")]
    [InlineData("0::/docker/abc", "/docker/abc", "/sys/fs/cgroup")]
    [InlineData("0::/docker/abc/d", "/docker/abc", "/sys/fs/cgroup/d /sys/fs/cgroup")]
    public void The_folders_of_the_groups_follow_from_what_is_mounted(string membership, string root, string folders)
    {
        _root.WithGroups(membership, UnifiedMount.Replace(" / /sys", $" {root} /sys", StringComparison.Ordinal));

        Assert.Equal(folders.Split(' '), Groups.Unified.Select(group => group.Folder));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("0::/", "")]
    [InlineData("", UnifiedMount)]
    [InlineData("nonsense\n:\n::", "nonsense - \n - - -\n1 2 3 - cgroup2 x y")]
    public void Without_groups_there_are_no_limits(string membership, string mounts)
    {
        _root.WithGroups(membership, mounts);

        Assert.Null(Memory);
        Assert.Null(Cpu);
    }

    [Fact]
    public void Without_the_files_there_are_no_limits()
    {
        Assert.Null(Memory);
        Assert.Null(Cpu);
    }

    [Theory]
    [InlineData(0L, 1_000_000_000L, 50.0)]
    [InlineData(0L, 0L, 0.0)]
    [InlineData(0L, 9_000_000_000L, 100.0)]
    [InlineData(500L, 100L, null)]
    [InlineData(null, 100L, null)]
    [InlineData(100L, null, null)]
    public void The_use_of_a_limit_is_the_difference_of_two_readings(long? earlier, long? later, double? expected) =>
        Assert.Equal(expected, new CpuLimit("/a", 2, later).PercentSince(new CpuLimit("/a", 2, earlier), TimeSpan.FromSeconds(1)));

    [Fact]
    public void Readings_of_two_groups_have_no_difference() =>
        Assert.Null(new CpuLimit("/a", 2, 10).PercentSince(new CpuLimit("/b", 2, 5), TimeSpan.FromSeconds(1)));

    private void Unified(string path, string memory, string used, string cpu, long usage) => _root
        .Write($"sys/fs/cgroup{path}/memory.max", memory)
        .Write($"sys/fs/cgroup{path}/memory.current", used)
        .Write($"sys/fs/cgroup{path}/memory.stat", "anon 1\nfile 2\ninactive_anon 3\ninactive_file 100000000\nactive_file 4\n")
        .Write($"sys/fs/cgroup{path}/cpu.max", cpu)
        .Write($"sys/fs/cgroup{path}/cpu.stat", $"usage_usec {usage}\nuser_usec 1\nsystem_usec 1\n");

    private void Version1(string memory, string quota) => _root
        .Write("sys/fs/cgroup/memory/memory.limit_in_bytes", memory)
        .Write("sys/fs/cgroup/memory/memory.usage_in_bytes", "400000000")
        .Write("sys/fs/cgroup/memory/memory.stat", "cache 1\ninactive_file 5\ntotal_inactive_file 100000000\n")
        .Write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", quota)
        .Write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000")
        .Write("sys/fs/cgroup/cpu,cpuacct/cpuacct.usage", "7000000000");
}
