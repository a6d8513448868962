using Orrery.Rpc;

namespace Stock;

internal sealed class StockGrain(LocalNode node) : Grain, IStock
{
    public Task<Reservation> Reserve(string sku, int quantity, string customer = "nobody", int priority = 1) =>
        Task.FromResult(new Reservation(node.NodeId, $"{quantity} {sku} for {customer} at {priority}", "A1"));

    public Task<string> Release(string sku, int quantity) => Task.FromResult($"{quantity} {sku} are back on {node.NodeId}");

    public Task<string> Take(Delivery delivery) => Task.FromResult($"{delivery.Quantity} {delivery.Sku} from {delivery.Origin}");
}
