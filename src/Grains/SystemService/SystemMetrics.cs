namespace Orrery.Grains.SystemService;

/// <summary>What a node's machine and process are doing. Null is what the platform does not tell, or not yet.</summary>
/// <param name="NodeId">The node that measured.</param>
/// <param name="Timestamp">When it measured, in UTC.</param>
/// <param name="CpuPercent">How much of the processors that the process may use was busy since the sample before; 0 to 100. In a container with a limit, that of the container; else of the machine.</param>
/// <param name="Memory">The memory; in a container with a limit, that of the container.</param>
/// <param name="Disks">The mounted file systems, by mount point.</param>
/// <param name="DiskIo">What the disks have read and written since the machine started.</param>
/// <param name="Network">What the network interfaces, but for the loopback, have carried since the machine started.</param>
/// <param name="LoadAverage">The machine's load averages.</param>
/// <param name="ProcessCount">The processes that this one can see.</param>
/// <param name="Process">This process.</param>
[GenerateSerializer, Immutable, Alias("orrery.system_metrics")]
public sealed record SystemMetrics(
    [property: Id(0)] string NodeId,
    [property: Id(1)] DateTimeOffset Timestamp,
    [property: Id(2)] double? CpuPercent,
    [property: Id(3)] MemoryMetrics? Memory,
    [property: Id(4)] IReadOnlyList<DiskMetrics> Disks,
    [property: Id(5)] DiskIoMetrics? DiskIo,
    [property: Id(6)] NetworkMetrics? Network,
    [property: Id(7)] LoadAverage? LoadAverage,
    [property: Id(8)] int? ProcessCount,
    [property: Id(9)] ProcessMetrics Process);

/// <summary>Memory, in bytes.</summary>
/// <param name="TotalBytes">All there is; the container's limit where there is one.</param>
/// <param name="UsedBytes">Total less available.</param>
/// <param name="AvailableBytes">What can be had without swapping, caches that can be dropped included.</param>
/// <param name="Percent">Used of total, 0 to 100.</param>
[GenerateSerializer, Immutable, Alias("orrery.memory_metrics")]
public sealed record MemoryMetrics(
    [property: Id(0)] long TotalBytes,
    [property: Id(1)] long UsedBytes,
    [property: Id(2)] long AvailableBytes,
    [property: Id(3)] double Percent);

/// <summary>A mounted file system, in bytes.</summary>
/// <param name="Mount">Where it is mounted.</param>
/// <param name="Filesystem">Its kind, e.g. <c>ext4</c>.</param>
/// <param name="TotalBytes">Its size.</param>
/// <param name="UsedBytes">What is taken.</param>
/// <param name="AvailableBytes">What this process could still write.</param>
/// <param name="Percent">Used of what is used or available, 0 to 100, as <c>df</c> counts.</param>
[GenerateSerializer, Immutable, Alias("orrery.disk_metrics")]
public sealed record DiskMetrics(
    [property: Id(0)] string Mount,
    [property: Id(1)] string Filesystem,
    [property: Id(2)] long TotalBytes,
    [property: Id(3)] long UsedBytes,
    [property: Id(4)] long AvailableBytes,
    [property: Id(5)] double Percent);

/// <summary>Counters of all disks together, since the machine started.</summary>
/// <param name="ReadBytes">Bytes read.</param>
/// <param name="WrittenBytes">Bytes written.</param>
/// <param name="Reads">Reads completed.</param>
/// <param name="Writes">Writes completed.</param>
[GenerateSerializer, Immutable, Alias("orrery.disk_io_metrics")]
public sealed record DiskIoMetrics(
    [property: Id(0)] long ReadBytes,
    [property: Id(1)] long WrittenBytes,
    [property: Id(2)] long Reads,
    [property: Id(3)] long Writes);

/// <summary>Counters of all network interfaces together, but for the loopback, since the machine started.</summary>
/// <param name="ReceivedBytes">Bytes received.</param>
/// <param name="SentBytes">Bytes sent.</param>
/// <param name="ReceivedPackets">Packets received.</param>
/// <param name="SentPackets">Packets sent.</param>
/// <param name="Errors">Packets that were damaged, either way.</param>
/// <param name="Dropped">Packets that were dropped, either way.</param>
[GenerateSerializer, Immutable, Alias("orrery.network_metrics")]
public sealed record NetworkMetrics(
    [property: Id(0)] long ReceivedBytes,
    [property: Id(1)] long SentBytes,
    [property: Id(2)] long ReceivedPackets,
    [property: Id(3)] long SentPackets,
    [property: Id(4)] long Errors,
    [property: Id(5)] long Dropped);

/// <summary>The processes that ran or waited to, on average.</summary>
/// <param name="OneMinute">Over the last minute.</param>
/// <param name="FiveMinutes">Over the last five minutes.</param>
/// <param name="FifteenMinutes">Over the last fifteen minutes.</param>
[GenerateSerializer, Immutable, Alias("orrery.load_average")]
public sealed record LoadAverage(
    [property: Id(0)] double OneMinute,
    [property: Id(1)] double FiveMinutes,
    [property: Id(2)] double FifteenMinutes);

/// <summary>The process that the node is.</summary>
/// <param name="CpuPercent">How much of the processors that it may use it kept busy since the sample before, 0 to 100.</param>
/// <param name="WorkingSetBytes">Its memory that is resident.</param>
/// <param name="GcHeapBytes">What the garbage collector's heap holds, as of its last collection.</param>
/// <param name="GcPauseSeconds">For how long collections have stopped the process since it started.</param>
/// <param name="GcPausePercent">The share of the time since it started that collections stopped it, 0 to 100.</param>
/// <param name="ThreadPoolThreads">The threads of the thread pool.</param>
/// <param name="ThreadPoolQueueLength">The work that waits for a thread of the pool.</param>
[GenerateSerializer, Immutable, Alias("orrery.process_metrics")]
public sealed record ProcessMetrics(
    [property: Id(0)] double? CpuPercent,
    [property: Id(1)] long WorkingSetBytes,
    [property: Id(2)] long GcHeapBytes,
    [property: Id(3)] double GcPauseSeconds,
    [property: Id(4)] double GcPausePercent,
    [property: Id(5)] int ThreadPoolThreads,
    [property: Id(6)] long ThreadPoolQueueLength);
