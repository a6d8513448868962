using Orrery.Rpc;

namespace Stock;

/// <summary>Goods on each worker, in a version that breaks the others: callers of theirs would lose their calls.</summary>
[Service(Roles = ["worker"], Description = "Goods on each worker.")]
public interface IStock : IService
{
    [ServiceMethod(Public = true, Description = "Sets goods aside, and says where, and for whom.")]
    Task<Reservation> Reserve(string article, long quantity, string customer);

    [ServiceMethod(Public = true, Description = "Takes goods in, and says how many.")]
    Task<int> Take(Delivery delivery);
}

public sealed record Reservation(string NodeId, string Text);

public sealed record Delivery(string Sku, int Quantity, string Origin);
