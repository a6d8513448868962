using Orrery.Rpc;

namespace Stock;

/// <summary>Goods on each worker, in a version that gets along with the first one.</summary>
[Service(Roles = ["worker"], Description = "Goods on each worker.")]
public interface IStock : IService
{
    [ServiceMethod(Public = true, Description = "Sets goods aside, and says where, and for whom.")]
    Task<Reservation> Reserve(string sku, int quantity, string customer = "nobody", int priority = 1);

    [ServiceMethod(Public = true, Description = "Puts goods back that were set aside.")]
    Task<string> Release(string sku, int quantity);

    [ServiceMethod(Public = true, Description = "Takes goods in, and says what came from where.")]
    Task<string> Take(Delivery delivery);
}

public sealed record Reservation(string NodeId, string Text, string Shelf = "unknown");

public sealed record Delivery(string Sku, int Quantity, string Origin = "unknown");
