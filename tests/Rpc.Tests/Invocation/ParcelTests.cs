using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Invocation.Batches;

namespace Orrery.Rpc.Tests.Invocation;

public sealed class ParcelTests
{
    private static readonly RpcError Refused = new(1234, "no", "refused", Executed.Yes);

    [Theory]
    [InlineData]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("{}", "", "[1,2,3]", "", "\"text\"")]
    public void Values_that_travel_together_arrive_as_they_were(params string[] values)
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer<RawJsonList>>();

        var arrived = serializer.Deserialize(serializer.SerializeToArray(new RawJsonList([.. values.Select(Json)])));

        Assert.Equal(values, arrived.Values.Select(value => value.ToString()));
    }

    [Fact]
    public void Outcomes_keep_their_order()
    {
        var outcome = ParcelOutcome.Of([Json("1"), Refused, Json("3")]);

        Assert.Equal(("1", null), (outcome[0].Result.ToString(), outcome[0].Error));
        Assert.Equal(Refused, outcome[1].Error);
        Assert.Equal(("3", null), (outcome[2].Result.ToString(), outcome[2].Error));
    }

    [Fact]
    public void A_result_that_has_no_room_in_the_message_is_an_error_of_a_call_that_ran_and_the_others_are_results()
    {
        var large = new RawJson(new byte[40 * 1024 * 1024]);

        var outcome = ParcelOutcome.Of([Json("1"), large, large, Json("4")]);

        Assert.Equal(["ok", "ok", $"{RpcErrorReason.ResponseTooLarge} Yes", "ok"], Enumerable.Range(0, 4).Select(i => outcome[i].Error is { } error ? $"{error.Reason} {error.Executed}" : "ok"));
    }

    private static RawJson Json(string text) => new(System.Text.Encoding.UTF8.GetBytes(text));
}
