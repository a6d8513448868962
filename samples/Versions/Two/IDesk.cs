using Orrery.Rpc;

namespace Stock;

/// <summary>Where customers ask: it calls the stock with the contract that it was built with.</summary>
[Service(Roles = ["desk"], Description = "Asks the stock with the contract that it was built with.")]
public interface IDesk : IService
{
    [ServiceMethod(Public = true, Description = "Reserves goods on a node, or on any of a role.")]
    Task<Reservation> Order(string target, string sku, int quantity, string customer = "nobody", int priority = 1);

    [ServiceMethod(Public = true, Description = "Delivers goods to a node, or to any of a role.")]
    Task<string> Deliver(string target, string sku, int quantity, string origin = "unknown");

    [ServiceMethod(Public = true, Description = "Puts goods back on a node, or on any of a role.")]
    Task<string> Return(string target, string sku, int quantity);
}
