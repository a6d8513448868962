using Orrery.Rpc.Catalog;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Security;

namespace Orrery.Rpc.Tests.Registry;

public sealed class RegisteredServiceTests
{
    [Fact]
    public void A_caller_sees_the_methods_that_it_may_call_also_of_each_node()
    {
        var methods = new Dictionary<string, string> { ["get"] = "(): string", ["erase"] = "(): null", ["whisper"] = "(): null" };
        var service = new RegisteredService(
            "book",
            null,
            [],
            false,
            false,
            [],
            [Method("get", isPublic: true), Method("erase", isPublic: true) with { Permission = "book/erase" }, Method("whisper", isPublic: false)],
            [new ServiceOnNode("worker-1", ServiceStatus.Running, ServiceHealth.Healthy, null, Methods: methods)]);

        var seen = service.AsSeenBy(new Caller("alice", "registry/list_services"));

        Assert.Equal(["get"], seen.Methods.Select(method => method.Name));
        Assert.Equal(["get"], Assert.Single(seen.Nodes).Methods!.Keys);
    }

    private static MethodDescription Method(string name, bool isPublic) => new(name, null, isPublic, false, [], "null");
}
