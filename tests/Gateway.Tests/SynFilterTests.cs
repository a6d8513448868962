using System.Net;
using System.Net.Sockets;
using Orrery.Gateway.Http;

namespace Orrery.Gateway.Tests;

public sealed class SynFilterTests
{
    private static readonly TimeSpan LongerThanLoopbackTakes = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task A_connection_that_was_made_is_let_in_and_no_other_begins()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has this filter.");
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var early = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await early.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken);

        SynFilter.Attach(listener);

        using var late = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(LongerThanLoopbackTakes);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => late.ConnectAsync(listener.LocalEndPoint!, patience.Token).AsTask());
        using var accepted = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        await early.SendAsync(new byte[] { 1 }, TestContext.Current.CancellationToken);
        Assert.Equal(1, await accepted.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));
        Assert.False(listener.Poll(TimeSpan.Zero, SelectMode.SelectRead));
    }
}
