using System.Net;

namespace Orrery.Database.Tests.Membership;

/// <summary>Members to write, and what was read as text that shows every field.</summary>
internal static class Members
{
    // With a fraction of a second down to the microsecond, which is what the database keeps.
    public static DateTime Time { get; } = new DateTime(2026, 3, 29, 1, 59, 59, DateTimeKind.Utc).AddTicks(1234560);

    public static MembershipEntry New(int port, SiloStatus status = SiloStatus.Active, string address = "127.0.0.1", int clientPort = 30000) => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Parse(address), port, generation: port + 1),
        SiloName = $"node-{port}",
        HostName = $"host-{port}",
        Status = status,
        ProxyPort = clientPort,
        StartTime = Time,
        IAmAliveTime = Time.AddMinutes(1),
    };

    public static MembershipEntry With(this MembershipEntry member, Action<MembershipEntry> change)
    {
        var copy = New(port: 0);
        copy.SiloAddress = member.SiloAddress;
        copy.SiloName = member.SiloName;
        copy.HostName = member.HostName;
        copy.Status = member.Status;
        copy.ProxyPort = member.ProxyPort;
        copy.SuspectTimes = member.SuspectTimes;
        copy.StartTime = member.StartTime;
        copy.IAmAliveTime = member.IAmAliveTime;
        change(copy);
        return copy;
    }

    public static string[] Text(int version, params IEnumerable<MembershipEntry> members) =>
        [$"version {version}", .. members.Select(Text).Order(StringComparer.Ordinal)];

    public static string[] Text(MembershipTableData read)
    {
        Assert.All(read.Members.Select(member => member.Item2).Append(read.Version.VersionEtag), etag => Assert.Equal($"{read.Version.Version}", etag));
        return Text(read.Version.Version, read.Members.Select(member => member.Item1));
    }

    private static string Text(MembershipEntry member)
    {
        var suspicions = (member.SuspectTimes ?? []).Select(suspicion => $"{suspicion.Item1.ToParsableString()} {LogFormatter.PrintDate(suspicion.Item2)}");
        return $"{member.SiloAddress.ToParsableString()} {member.SiloName} {member.HostName} {member.Status} {member.ProxyPort} [{string.Join(", ", suspicions)}] {member.StartTime:O} {member.IAmAliveTime:O}";
    }
}
