using Orrery.Rpc;

namespace Stock;

/// <summary>Where customers ask: it calls the stock with the contract that it was built with.</summary>
[Service(Roles = ["desk"], Description = "Asks the stock with the contract that it was built with.")]
public interface IDesk : IService
{
    [ServiceMethod(Public = true, Description = "Reserves goods on a node, or on any of a role.")]
    Task<Reservation> Order(string target, string sku, int quantity);

    [ServiceMethod(Public = true, Description = "Delivers goods to a node, or to any of a role.")]
    Task<string> Deliver(string target, string sku, int quantity);

    [ServiceMethod(Public = true, Description = "Lets a node, or any of a role, count.")]
    Task<string> Audit(string target);
}
