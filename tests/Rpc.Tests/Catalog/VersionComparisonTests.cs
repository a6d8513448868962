using Orrery.Rpc.Catalog;

namespace Orrery.Rpc.Tests.Catalog;

public sealed class VersionComparisonTests
{
    [Fact]
    public void A_break_names_the_method_the_nodes_the_difference_and_both_signatures()
    {
        var comparison = Compare(typeof(IWiderParameter), ("worker-2", typeof(IBase)), ("worker-1", typeof(IBase)));

        Assert.Equal(
            "parcels/send is not what it is on worker-1, worker-2: 'weight' is 64-bit integer here and 32-bit integer there. There it is send(to: string, weight: 32-bit integer): Address, here send(to: string, weight: 64-bit integer): Address.",
            Assert.Single(comparison.Breaks()));
    }

    [Fact]
    public void Each_other_version_is_told_of()
    {
        var comparison = Compare(typeof(IRenamedParameter), ("worker-1", typeof(IBase)), ("worker-2", typeof(IOptionalAtTheEnd)));

        Assert.Equal(2, comparison.Breaks().Count());
    }

    [Fact]
    public void A_version_that_a_live_node_has_already_may_come_back()
    {
        var comparison = Compare(typeof(IBase), ("worker-1", typeof(IWiderParameter)), ("worker-2", typeof(IBase)));

        Assert.Empty(comparison.Breaks());
    }

    [Fact]
    public void Nodes_that_do_not_tell_what_their_methods_take_are_not_judged()
    {
        var silent = Service(typeof(IBase)) with { Signature = null };

        Assert.Empty(new VersionComparison(Service(typeof(IWiderParameter)), [("worker-1", silent)]).Breaks());
    }

    [Fact]
    public void Methods_that_only_others_have_are_listed_with_their_nodes()
    {
        var without = Service(typeof(IBase)) with { Methods = [] };
        var comparison = new VersionComparison(without, [("worker-2", Service(typeof(IBase))), ("worker-1", Service(typeof(IBase)))]);

        Assert.Contains(("parcels", "send", "worker-1, worker-2"), comparison.Missing());
        Assert.Empty(new VersionComparison(Service(typeof(IBase)), [("worker-1", without)]).Missing());
    }

    private static VersionComparison Compare(Type here, params (string NodeId, Type Contract)[] there) =>
        new(Service(here), [.. there.Select(other => (other.NodeId, Service(other.Contract)))]);

    private static ServiceDescription Service(Type contract) => ServiceContract.ReadAsCaller(contract).Description with { Name = "parcels" };
}
