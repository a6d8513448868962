using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Orrery.Gateway.Tests.Wire;

/// <summary>Posts bodies to a gateway over TLS, trusts one authority, and counts its connections.</summary>
internal sealed class TlsClient : IDisposable
{
    private readonly RpcClient _client;
    private int _connections;

    public TlsClient(Uri address, X509Certificate2 authority, X509Certificate2? certificate, Version version, params X509Certificate2[] between)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = Trusting(authority),
                ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, [.. between], offline: true),
            },
            ConnectCallback = async (context, token) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(context.DnsEndPoint, token);
                Interlocked.Increment(ref _connections);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        _client = new RpcClient(address, handler) { Version = version };
    }

    public int Connections => _connections;

    public static X509ChainPolicy Trusting(X509Certificate2 authority)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.Add(authority);
        return policy;
    }

    public Task<Reply> PostAsync(string json) => _client.PostAsync(Encoding.UTF8.GetBytes(json));

    public Task<Reply> PostAsync(byte[] body) => _client.PostAsync(body);

    public Task<Reply> PostAsync(string json, string header, string value) => _client.PostAsync(json, header, value);

    public void Dispose() => _client.Dispose();
}
