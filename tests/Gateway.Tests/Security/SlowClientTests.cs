using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orrery.Gateway.Http;
using Orrery.Gateway.Security;
using Orrery.Gateway.Tests.Cluster;
using Orrery.Gateway.Tests.Wire;
using Orrery.Tests;

namespace Orrery.Gateway.Tests.Security;

public sealed class SlowClientTests
{
    private static readonly string Request = RpcClient.Request("calculator/sum", "[1,2]");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_that_dawdle_are_hung_up_on_and_disturb_nobody()
    {
        using var authority = new TestAuthority();
        using var leaf = authority.Issue(["127.0.0.1"]);
        var (certificate, key) = authority.WritePem(leaf, "server");
        await using var gateway = await GatewayNode.StartAsync(
            configure: null,
            "--urls", "http://127.0.0.1:0;https://127.0.0.1:0", "--Orrery:Tls:Certificate", certificate, "--Orrery:Tls:Key", key, "--Kestrel:Limits:RequestHeadersTimeout", "00:00:01");
        var (plain, secure) = (gateway.Addresses[0].Port, gateway.Addresses[1].Port);
        var idle = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => ConnectAsync(plain)));
        using var end = new CancellationTokenSource();
        var calls = CallUntilAsync(gateway, end.Token);

        // A byte of a header now and then; the beginning of a body that never comes; a handshake that is not begun.
        var answers = await Task.WhenAll(
            [
                .. Enumerable.Range(0, 20).Select(_ => DrippingAsync(plain, "POST /rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")),
                .. Enumerable.Range(0, 20).Select(_ => DrippingAsync(plain, "POST /rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{")),
                .. Enumerable.Range(0, 20).Select(_ => DrippingAsync(secure, "\u0016\u0003\u0001")),
            ]);

        Assert.All(answers, answer => Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal), answer));
        await end.CancelAsync();
        Assert.InRange(await calls, 100, int.MaxValue);
        Assert.Empty(gateway.Scope.Errors.Errors);
        Array.ForEach(idle, socket => socket.Dispose());
    }

    [Fact]
    public async Task A_client_that_does_not_read_what_it_asked_for_is_hung_up_on()
    {
        await using var gateway = await GatewayNode.StartAsync(
            configure: null,
            "--Kestrel:Limits:MinResponseDataRate:BytesPerSecond", "1000000000", "--Kestrel:Limits:MinResponseDataRate:GracePeriod", "00:00:01.5");
        var body = RpcClient.Request("trouble/big", "[33554432]");
        using var socket = await ConnectAsync(gateway.Address.Port);
        await socket.SendAsync(Encoding.Latin1.GetBytes($"POST /rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"), Cancelled);
        await socket.ReceiveAsync(new byte[1], Cancelled);

        await gateway.Services.GetRequiredService<Door>().EmptyAsync(Cancelled);
        Assert.Equal(3, (await gateway.Client.PostAsync(Request)).Result.GetInt32());
        Assert.Empty(gateway.Scope.Errors.Errors);
    }

    [Fact]
    public async Task Who_sends_or_reads_too_slowly_is_hung_up_on_where_nothing_is_set()
    {
        await using var gateway = await GatewayNode.StartAsync();
        var limits = gateway.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.Equal((240, TimeSpan.FromSeconds(5)), (limits.MinRequestBodyDataRate?.BytesPerSecond, limits.MinRequestBodyDataRate?.GracePeriod));
        Assert.Equal((240, TimeSpan.FromSeconds(5)), (limits.MinResponseDataRate?.BytesPerSecond, limits.MinResponseDataRate?.GracePeriod));
        Assert.Equal(TimeSpan.FromSeconds(10), limits.RequestHeadersTimeout);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:2:ffff::1", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:3::1", "2001:db8:1:3::")]
    public void Clients_are_told_apart_by_what_one_of_them_has(string address, string network) =>
        Assert.Equal(IPAddress.Parse(network), ClientNetwork.Of(IPAddress.Parse(address)));

    [Fact]
    public async Task An_address_gets_so_many_connections_and_no_more()
    {
        await using var gateway = await GatewayNode.StartAsync(configure: null, "--Orrery:JsonRpc:MaxConnectionsPerAddress", "20");
        Assert.Equal(3, (await gateway.Client.PostAsync(Request)).Result.GetInt32());
        var others = await Task.WhenAll(Enumerable.Range(0, 19).Select(_ => ConnectAsync(gateway.Address.Port)));
        using var tooMany = await ConnectAsync(gateway.Address.Port);

        Assert.Equal("", await ReadToEndAsync(tooMany));
        Assert.Contains(gateway.Scope.Errors.Warnings, line => line.Contains("127.0.0.1 has 20 connections open", StringComparison.Ordinal));
        Assert.Equal(3, (await gateway.Client.PostAsync(Request)).Result.GetInt32());
        Array.ForEach(others, socket => socket.Dispose());
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await IsServedAsync(gateway))
        {
            await tick.WaitForNextTickAsync(Cancelled);
        }
    }

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, Cancelled);
        return socket;
    }

    private static async Task<bool> IsServedAsync(GatewayNode gateway)
    {
        using var client = new RpcClient(gateway.Address);
        try
        {
            return (await client.PostAsync(Request)).Result.GetInt32() == 3;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    // Sends the beginning and then a byte at a time until it is hung up on, and gives what was answered.
    private static async Task<string> DrippingAsync(int port, string beginning)
    {
        using var socket = await ConnectAsync(port);
        await socket.SendAsync(Encoding.Latin1.GetBytes(beginning), Cancelled);
        var answer = ReadToEndAsync(socket);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        try
        {
            while (!answer.IsCompleted)
            {
                await tick.WaitForNextTickAsync(Cancelled);
                await socket.SendAsync("x"u8.ToArray(), Cancelled);
            }
        }
        catch (SocketException)
        {
            // It was hung up on.
        }

        return await answer;
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, Cancelled) is > 0 and var count)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (SocketException)
        {
            // It was hung up on without a word.
        }

        return text.ToString();
    }

    private static async Task<int> CallUntilAsync(GatewayNode gateway, CancellationToken end)
    {
        var calls = 0;
        for (; !end.IsCancellationRequested; calls++)
        {
            Assert.Equal(3, (await gateway.Client.PostAsync(Request)).Result.GetInt32());
        }

        return calls;
    }
}
