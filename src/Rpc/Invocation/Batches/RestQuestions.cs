using Orleans.Runtime;

namespace Orrery.Rpc.Invocation.Batches;

/// <summary>Asks a node for the outcomes of calls that it has begun.</summary>
internal static class RestQuestions
{
    /// <summary>Asks for outcomes that were not there yet.</summary>
    /// <param name="endpoint">Where the calls run.</param>
    /// <param name="number">What that said to ask for them by.</param>
    /// <exception cref="RpcException">The node is gone: that the question did not reach it says nothing of the calls.</exception>
    public static async ValueTask<ParcelOutcome> TakeRestAsync(this IServiceEndpoint endpoint, long number)
    {
        try
        {
            return await endpoint.InvokeRest(number);
        }
        catch (Exception exception) when (CallFailure.From(exception, Executed.Maybe).Executed is Executed.No)
        {
            throw new RpcException(CallFailure.AnswerLost);
        }
    }
}
