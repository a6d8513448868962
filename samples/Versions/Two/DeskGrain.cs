using Orrery.Rpc;

namespace Stock;

internal sealed class DeskGrain(Proxy proxy) : Grain, IDesk
{
    public Task<Reservation> Order(string target, string sku, int quantity, string customer = "nobody", int priority = 1) =>
        proxy.Get<IStock>(target).Reserve(sku, quantity, customer, priority);

    public Task<string> Deliver(string target, string sku, int quantity, string origin = "unknown") =>
        proxy.Get<IStock>(target).Take(new Delivery(sku, quantity, origin));

    public Task<string> Return(string target, string sku, int quantity) => proxy.Get<IStock>(target).Release(sku, quantity);
}
