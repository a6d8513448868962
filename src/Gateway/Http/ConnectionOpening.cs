namespace Orrery.Gateway.Http;

/// <summary>What the first bytes of a connection have shown so far.</summary>
internal enum ConnectionOpening
{
    /// <summary>Nothing that decides.</summary>
    Unknown,

    /// <summary>Anything but the preface of HTTP/2.</summary>
    Http1,

    /// <summary>The first line of the preface of HTTP/2.</summary>
    Http2,
}
