using System.Buffers.Text;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Orrery.Load.Client;

/// <summary>One HTTP/1.1 connection with one request under way.</summary>
internal sealed class Connection : IDisposable
{
    private readonly Exchange _exchange;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly SslStream? _secured;
    private readonly byte[] _buffer;
    private int _expectedBodyLength = -1;

    public Connection(Exchange exchange)
    {
        _exchange = exchange;
        // What comes back is what was sent, with more or less around it.
        _buffer = new byte[(2 * exchange.Request.Length) + 1024];
        _socket.Connect(IPAddress.Loopback, exchange.Port);
        if (exchange.IsSecured)
        {
            _secured = new SslStream(new NetworkStream(_socket));
            // The certificate is this program's own; what it costs to look at it is paid once for a connection.
            _secured.AuthenticateAsClient(new SslClientAuthenticationOptions { TargetHost = "127.0.0.1", RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null });
        }
    }

    /// <summary>The number of its socket in a set of them.</summary>
    public int Number => SocketSet.NumberOf(_socket);

    /// <summary>Sends the request and waits for its answer.</summary>
    public void Call()
    {
        Send();
        Receive();
    }

    /// <summary>Sends the request.</summary>
    public void Send()
    {
        if (_secured is null)
        {
            // All of it: the socket blocks.
            _socket.Send(_exchange.Request);
        }
        else
        {
            _secured.Write(_exchange.Request);
        }
    }

    /// <summary>Receives the answer. The first one is read, the others must look like it.</summary>
    /// <exception cref="LoadException">It is not the expected one.</exception>
    public void Receive()
    {
        var filled = 0;
        int bodyStart;
        while ((bodyStart = _buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8) + 4) < 4)
        {
            filled += Receive(filled);
        }

        var head = _buffer.AsSpan(0, bodyStart);
        var bodyLength = ContentLength(head);
        while (filled < bodyStart + bodyLength)
        {
            filled += Receive(filled);
        }

        if (!head.StartsWith("HTTP/1.1 200 "u8) || !IsExpected(_buffer.AsMemory(bodyStart, bodyLength)) || filled != bodyStart + bodyLength)
        {
            throw new LoadException($"An answer from port {_exchange.Port} is wrong: {Encoding.UTF8.GetString(_buffer, 0, Math.Min(filled, 600))}");
        }
    }

    public void Dispose()
    {
        _secured?.Dispose();
        _socket.Dispose();
    }

    private int Receive(int filled)
    {
        var received = _secured?.Read(_buffer.AsSpan(filled)) ?? _socket.Receive(_buffer.AsSpan(filled));
        return received > 0 ? received : throw new LoadException($"The server on port {_exchange.Port} closed a connection.");
    }

    private bool IsExpected(ReadOnlyMemory<byte> body)
    {
        if (_expectedBodyLength >= 0)
        {
            return body.Length == _expectedBodyLength;
        }

        _expectedBodyLength = body.Length;
        return _exchange.IsAnsweredBy(body);
    }

    private static int ContentLength(ReadOnlySpan<byte> head)
    {
        var name = "Content-Length: "u8;
        var at = Math.Max(head.IndexOf(name), head.IndexOf("content-length: "u8));
        return at >= 0 && Utf8Parser.TryParse(head[(at + name.Length)..], out int length, out _) ? length : 0;
    }
}
