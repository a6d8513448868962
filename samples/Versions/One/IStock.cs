using Orrery.Rpc;

namespace Stock;

/// <summary>Goods on each worker, in the first version of the service.</summary>
[Service(Roles = ["worker"], Description = "Goods on each worker.")]
public interface IStock : IService
{
    [ServiceMethod(Public = true, Description = "Sets goods aside, and says where, and for whom.")]
    Task<Reservation> Reserve(string sku, int quantity);

    [ServiceMethod(Public = true, Description = "Takes goods in, and says what came from where.")]
    Task<string> Take(Delivery delivery);

    [ServiceMethod(Public = true, Description = "Counts everything: the next version has no such method.")]
    Task<string> Audit();
}

public sealed record Reservation(string NodeId, string Text);

public sealed record Delivery(string Sku, int Quantity);
