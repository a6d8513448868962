using System.Security.Cryptography;
using System.Text;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Orrery.Rpc.Routing;

namespace Orrery.Rpc.Invocation.Idempotency;

/// <summary>Makes calls to which their callers gave idempotency keys.</summary>
/// <param name="grains">Where the calls of a key meet.</param>
/// <param name="failover">How long to wait before asking again.</param>
/// <param name="isDurable">Whether what a call came to outlives the node that made it.</param>
internal sealed class KeyedCalls(IGrainFactory grains, Failover failover, bool isDurable)
{
    private const int LongestPauseAt = 6;

    /// <summary>Makes a call, unless an earlier one with the key did, and gives its outcome.</summary>
    /// <param name="route">Where the call would go now.</param>
    /// <param name="call">The call.</param>
    /// <param name="key">The caller's key.</param>
    /// <param name="trace">Notes how the outcome came about.</param>
    /// <param name="cancellationToken">Cancelled when the caller no longer waits. The call goes on: its outcome is for whoever asks again.</param>
    public async ValueTask<CallOutcome> InvokeAsync(Route route, KeyedCall call, string key, CallTrace? trace, CancellationToken cancellationToken)
    {
        // A key is its caller's own: nobody learns the outcome of another one's call, or takes its key.
        var grain = grains.GetGrain<IKeyedCalls>(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{call.Caller}\n{key}"))));
        // Beside the service, so that the death of this gateway is not that of the call.
        RequestContext.Set(IPlacementDirector.PlacementHintKey, route.Instance.Node.Silo);
        for (var attempts = 1; ; attempts++)
        {
            try
            {
                var made = await grain.Invoke(call);
                trace?.Add(made);
                return made.Outcome;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                var error = CallFailure.From(exception, Executed.Maybe);
                if (!MayAskAgain(error, call))
                {
                    return error;
                }
            }

            await failover.PauseAsync(Math.Min(attempts, LongestPauseAt), cancellationToken);
        }
    }

    // What was begun stands in the database, so asking again is safe; without one nobody would know.
    private bool MayAskAgain(RpcError error, KeyedCall call) =>
        error.Code is (int)RpcErrorCode.NodeUnavailable && (error.Executed is Executed.No || isDurable || call.IsIdempotent);
}
