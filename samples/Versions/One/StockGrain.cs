using Orrery.Rpc;

namespace Stock;

internal sealed class StockGrain(LocalNode node) : Grain, IStock
{
    public Task<Reservation> Reserve(string sku, int quantity) => Task.FromResult(new Reservation(node.NodeId, $"{quantity} {sku}"));

    public Task<string> Take(Delivery delivery) => Task.FromResult($"{delivery.Quantity} {delivery.Sku}");

    public Task<string> Audit() => Task.FromResult($"all of it is on {node.NodeId}");
}
