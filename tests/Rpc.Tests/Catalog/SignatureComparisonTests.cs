using System.Text.Json;
using Orrery.Rpc.Catalog;

namespace Orrery.Rpc.Tests.Catalog;

public sealed class SignatureComparisonTests
{
    [Theory]
    [InlineData(typeof(IBase), typeof(ISame))]
    [InlineData(typeof(IBase), typeof(IOptionalAtTheEnd))]
    [InlineData(typeof(IBase), typeof(IResultWithMore))]
    [InlineData(typeof(ITakesAddress), typeof(ITakesAddressWithTown))]
    [InlineData(typeof(ITree), typeof(ITreeWithMore))]
    public void Versions_get_along_whichever_is_there_first(Type one, Type other)
    {
        Assert.Empty(Breaks(one, other));
        Assert.Empty(Breaks(other, one));
    }

    [Theory]
    [InlineData(typeof(IBase), typeof(IMadeOptional), "'weight' is required here and optional there")]
    [InlineData(typeof(IBase), typeof(INullableParameter), "'to' is required here and optional there; 'to' can be null there and can't here")]
    [InlineData(typeof(ITakesSize), typeof(ITakesMoreSizes), "'sizes[]' can be huge there and can't here")]
    public void What_takes_more_may_come_and_what_takes_less_may_not(Type less, Type more, string difference)
    {
        Assert.Empty(Breaks(there: less, here: more));
        Assert.Equal(difference, string.Join("; ", Breaks(there: more, here: less)));
    }

    [Theory]
    [InlineData(typeof(IRequiredAtTheEnd), "'note' is required here and unknown there")]
    [InlineData(typeof(IOptionalInTheMiddle), "its parameter 2 is 'note' here and 'weight' there")]
    [InlineData(typeof(IRenamedParameter), "its parameter 1 is 'recipient' here and 'to' there")]
    [InlineData(typeof(IWiderParameter), "'weight' is 64-bit integer here and 32-bit integer there")]
    [InlineData(typeof(IOtherResult), "'result' is string here and Address there")]
    [InlineData(typeof(INoResult), "'result' is null here and Address there")]
    [InlineData(typeof(IResultThatNeedsMore), "'result.town' is required here and unknown there")]
    [InlineData(typeof(IResultNeverNull), "'result.floor' can be null there and can't here")]
    public void A_break_is_told_by_what_differs(Type here, string difference) => Assert.Equal([difference], Breaks(typeof(IBase), here));

    [Theory]
    [InlineData(typeof(ITakesAddress), typeof(ITakesAddressThatNeedsTown), "'to[].town' is required here and unknown there")]
    [InlineData(typeof(ITakesAddressThatNeedsTown), typeof(ITakesAddress), "'to[].town' is required there and unknown here")]
    [InlineData(typeof(ITakesAddress), typeof(ITakesAddressOnFloor), "'to[].floor' is required here and optional there; 'to[].floor' can be null there and can't here")]
    [InlineData(typeof(ITree), typeof(ITreeOfNumbers), "'root.name' is 32-bit integer here and string there; 'result.name' is 32-bit integer here and string there")]
    public void Objects_are_compared_by_their_members(Type there, Type here, string difference) =>
        Assert.Equal(difference, string.Join("; ", Breaks(there, here)));

    [Fact]
    public void A_method_is_the_same_where_it_was_built_from_the_same_code()
    {
        Assert.Equal(Id(typeof(IBase)), Id(typeof(IBase)));
        // Orleans tells these apart.
        Assert.NotEqual(Id(typeof(IBase)), Id(typeof(ISame)));
    }

    [Fact]
    public void A_signature_is_the_same_after_its_way_through_the_manifest()
    {
        var sent = Versions.Signature(typeof(ITreeWithMore));

        var arrived = JsonSerializer.Deserialize<ServiceSignature>(JsonSerializer.Serialize(sent, WireJson.Options), WireJson.Options)!;

        Assert.Empty(new SignatureComparison(Versions.Signature(typeof(ITree)), arrived).BreaksOf("send"));
        Assert.Equal("(root: OtherNode): OtherNode", arrived.TextOf("send"));
        Assert.Equal("name: string, children: array of OtherNode, size?: 64-bit integer", string.Join(", ", arrived.Objects["OtherNode"]));
    }

    [Fact]
    public void A_method_that_only_one_of_them_has_is_no_break()
    {
        var with = Versions.Signature(typeof(IBase));
        var without = with with { Methods = new Dictionary<string, MethodSignature>() };

        Assert.Empty(new SignatureComparison(with, without).BreaksOf("send"));
        Assert.Empty(new SignatureComparison(without, with).BreaksOf("send"));
    }

    [Fact]
    public void An_object_that_is_not_told_of_is_not_judged()
    {
        var there = Versions.Signature(typeof(ITakesAddress));
        var here = Versions.Signature(typeof(ITakesAddressThatNeedsTown)) with { Objects = new Dictionary<string, IReadOnlyList<Member>>() };

        Assert.Empty(new SignatureComparison(there, here).BreaksOf("send"));
    }

    private static string Id(Type contract) => Versions.Signature(contract).Methods["send"].Id;

    private static IReadOnlyList<string> Breaks(Type there, Type here) => new SignatureComparison(Versions.Signature(there), Versions.Signature(here)).BreaksOf("send");
}
