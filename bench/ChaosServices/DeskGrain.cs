using Orrery.Rpc;

namespace Orrery.ChaosServices;

internal sealed class DeskGrain(TimeProvider time) : Grain, IDesk, IDisposable
{
    private static readonly TimeSpan Served = TimeSpan.FromMilliseconds(40);

    // Scarce by itself, as a pool of connections is: the limit that the service declares does not make its capacity.
    private readonly SemaphoreSlim _clerks = new(IDesk.Clerks, IDesk.Clerks);

    public void Dispose() => _clerks.Dispose();

    public async Task Serve(CancellationToken cancellationToken)
    {
        await _clerks.WaitAsync(cancellationToken);
        try
        {
            await Task.Delay(Served, time, cancellationToken);
        }
        finally
        {
            _clerks.Release();
        }
    }
}
