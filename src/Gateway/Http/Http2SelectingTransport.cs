using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Orrery.Gateway.Http;

/// <summary>
/// The transport of a cleartext connection on which Kestrel is to choose HTTP/2. Kestrel chooses by the outcome of ALPN,
/// so the connection shows one, but no longer than until the first read: the choice has been made by then, and requests,
/// which come later, see the cleartext connection it is.
/// </summary>
internal sealed class Http2SelectingTransport : PipeReader, IDuplexPipe
{
    private readonly IDuplexPipe _transport;
    private IFeatureCollection? _features;

    public Http2SelectingTransport(IDuplexPipe transport, IFeatureCollection features)
    {
        _transport = transport;
        _features = features;

        var negotiated = new NegotiatedHttp2();
        features.Set<ITlsConnectionFeature>(negotiated);
        features.Set<ITlsApplicationProtocolFeature>(negotiated);
    }

    public PipeReader Input => this;

    public PipeWriter Output => _transport.Output;

    public override bool TryRead(out ReadResult result)
    {
        EndSelection();
        return _transport.Input.TryRead(out result);
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        EndSelection();
        return _transport.Input.ReadAsync(cancellationToken);
    }

    public override void AdvanceTo(SequencePosition consumed) => _transport.Input.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) =>
        _transport.Input.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => _transport.Input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _transport.Input.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => _transport.Input.CompleteAsync(exception);

    private void EndSelection()
    {
        if (_features is null)
        {
            return;
        }

        _features.Set<ITlsConnectionFeature>(null);
        _features.Set<ITlsApplicationProtocolFeature>(null);
        _features = null;
    }
}
