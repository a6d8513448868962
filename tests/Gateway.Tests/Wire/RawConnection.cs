using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Orrery.Gateway.Tests.Wire;

/// <summary>One TCP connection to a gateway, on which a test writes the bytes of HTTP/1.1 itself.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private readonly TcpClient _tcp = new() { NoDelay = true };
    private readonly CancellationTokenSource _patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly Uri _address;
    private Stream? _stream;

    private RawConnection(Uri address)
    {
        _address = address;
        _patience.CancelAfter(TimeSpan.FromSeconds(60));
    }

    private Stream Stream => _stream!;

    public static async Task<RawConnection> OpenAsync(Uri address)
    {
        var connection = new RawConnection(address);
        await connection._tcp.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        connection._stream = connection._tcp.GetStream();
        return connection;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public Task SendAsync(byte[] bytes) => Stream.WriteAsync(bytes, _patience.Token).AsTask();

    /// <summary>Sends the head of a request that posts JSON.</summary>
    public Task SendHeadAsync(params string[] headers) => SendAsync(Head(headers));

    public string Head(params string[] headers) =>
        $"POST {_address.AbsolutePath} HTTP/1.1\r\nHost: {_address.Authority}\r\nContent-Type: application/json\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n";

    public string Request(string body) => Head($"Content-Length: {Encoding.UTF8.GetByteCount(body)}") + body;

    /// <summary>Reads one response, which gives its length.</summary>
    public async Task<Reply> ReadAsync()
    {
        var lines = (await ReadHeadAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var status = (HttpStatusCode)int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        var headers = lines[1..].Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        var body = new byte[int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture)];
        await Stream.ReadExactlyAsync(body, _patience.Token);
        return new Reply(status, headers.GetValueOrDefault("Content-Type"), headers, body);
    }

    /// <summary>Ends the connection at once, as a crash does.</summary>
    public void Reset()
    {
        _tcp.LingerState = new LingerOption(true, 0);
        _tcp.Close();
    }

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
        {
            await _stream.DisposeAsync();
        }

        _tcp.Dispose();
        _patience.Dispose();
    }

    private async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        var single = new byte[1];
        do
        {
            await Stream.ReadExactlyAsync(single, _patience.Token);
            head.Append((char)single[0]);
        }
        while (!(single[0] == '\n' && head.Length >= 4 && head[^3] == '\n'));
        return head.ToString();
    }
}
