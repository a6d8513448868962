using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orrery.Rpc.Security;

namespace Orrery.Rpc.Tests.Security;

public sealed class CallerTests
{
    [Fact]
    public void A_caller_arrives_as_it_was()
    {
        var named = new Caller("Jürgen 🙂", "orders/* bills/read");

        var arrived = Travel(named, null, Caller.Anonymous, new Caller("", ""), named);

        Assert.Equal(("Jürgen 🙂", "orders/* bills/read"), (arrived[0]!.Id, arrived[0]!.Permissions));
        Assert.Null(arrived[1]);
        Assert.True(arrived[2]!.IsAnonymous);
        Assert.Equal(("", ""), (arrived[3]!.Id, arrived[3]!.Permissions));
        Assert.Equal("Jürgen 🙂", arrived[4]!.Id);
    }

    [Fact]
    public void Whoever_calls_a_gateway_that_asks_nobody_is_the_same_on_all_nodes() => Assert.Same(Caller.Unknown, Assert.Single(Travel(Caller.Unknown)));

    // Behind other things, so that what follows is found where it is.
    private static Caller?[] Travel(params Caller?[] callers)
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer<object?[]>>();
        var text = "the same text twice";

        var arrived = serializer.Deserialize(serializer.SerializeToArray([text, .. callers, text]));

        Assert.Equal(text, arrived![0]);
        Assert.Equal(text, arrived[^1]);
        return [.. arrived[1..^1].Cast<Caller?>()];
    }
}
