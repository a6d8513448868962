using Orrery.Rpc.Registry;
using Orrery.Rpc.Security;

namespace Orrery.Rpc.Invocation.Batches;

/// <summary>The calls of a batch while they are begun: those that go to one service on one node are one message.</summary>
/// <param name="grains">Finds the services.</param>
/// <param name="caller">Who makes the calls.</param>
internal sealed class CallGroup(IGrainFactory grains, Caller? caller)
{
    private readonly List<CallParcel> _parcels = [];

    /// <summary>Adds a call. It is sent with the others, and must be waited for before that.</summary>
    public ValueTask<CallOutcome> Add(ServiceInstance instance, string method, RawJson parameters)
    {
        var parcel = _parcels.Find(parcel => parcel.Instance == instance && !parcel.IsFull);
        if (parcel is null)
        {
            _parcels.Add(parcel = new CallParcel(instance));
        }

        return parcel.Add(method, parameters);
    }

    /// <summary>Sends all that was added.</summary>
    public void Send()
    {
        foreach (var parcel in _parcels)
        {
            _ = parcel.SendAsync(grains, caller);
        }
    }
}
