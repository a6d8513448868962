using Orrery.Rpc;

namespace Stock;

internal sealed class StockGrain(LocalNode node) : Grain, IStock
{
    public Task<Reservation> Reserve(string article, long quantity, string customer) =>
        Task.FromResult(new Reservation(node.NodeId, $"{quantity} {article} for {customer}"));

    public Task<int> Take(Delivery delivery) => Task.FromResult(delivery.Quantity);
}
