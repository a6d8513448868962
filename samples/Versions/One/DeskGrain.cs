using Orrery.Rpc;

namespace Stock;

internal sealed class DeskGrain(Proxy proxy) : Grain, IDesk
{
    public Task<Reservation> Order(string target, string sku, int quantity) => proxy.Get<IStock>(target).Reserve(sku, quantity);

    public Task<string> Deliver(string target, string sku, int quantity) => proxy.Get<IStock>(target).Take(new Delivery(sku, quantity));

    public Task<string> Audit(string target) => proxy.Get<IStock>(target).Audit();
}
