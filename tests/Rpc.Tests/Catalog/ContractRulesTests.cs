using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Hosting;

namespace Orrery.Rpc.Tests.Catalog;

public sealed class ContractRulesTests
{
    [Theory]
    [InlineData(typeof(OverloadedGrain), "IOverloaded", "'do'", "[ServiceMethod(\"other_name\")]")]
    [InlineData(typeof(TakesADelegateGrain), "ITakesADelegate.Run", "'action'", "System.Action is not data")]
    [InlineData(typeof(TakesAStreamInsideGrain), "ITakesAStreamInside.Send", "'envelopes'", "System.IO.Stream is not data")]
    [InlineData(typeof(TakesAnAbstractTypeGrain), "ITakesAnAbstractType.Draw", "'shape'", "abstract")]
    [InlineData(typeof(BadNameGrain), "IBadName", "'Not-Snake'", "[Service(\"my_service\")]")]
    [InlineData(typeof(BadRoleGrain), "IBadRole", "'no such role'", "A role is")]
    [InlineData(typeof(SameParametersGrain), "ISameParameters.Do", "'worker_id'", "[ParameterName(\"other_name\")]")]
    [InlineData(typeof(StreamsGrain), "IStreams.Count", "stream", "Leave it private")]
    [InlineData(typeof(TwoContractsGrain), "TwoContractsGrain", "IFirst", "split the class")]
    [InlineData(typeof(PlacedElsewhereGrain), "PlacedElsewhereGrain", "placement", "remove the attribute")]
    [InlineData(typeof(GuardedInsideGrain), "IGuardedInside.Do", "is not public", "[ServiceMethod(Public = true, …)]")]
    [InlineData(typeof(GuardedForNobodyGrain), "IGuardedForNobody.Do", "needs a permission", "Leave out Permission or Anonymous")]
    [InlineData(typeof(GuardedByAPatternGrain), "IGuardedByAPattern.Do", "'orders/*'", "A permission is")]
    public void A_broken_rule_is_named_with_the_type_and_the_fix(Type grainClass, string type, string problem, string fix)
    {
        var violations = new List<string>();

        ServiceContract.Read(grainClass, violations);

        var violation = Assert.Single(violations);
        Assert.Contains(type, violation, StringComparison.Ordinal);
        Assert.Contains(problem, violation, StringComparison.Ordinal);
        Assert.Contains(fix, violation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_with_broken_services_does_not_start_and_names_each()
    {
        string[] args = ["--silo-port", $"{LoopbackPort.Free()}", "--seed", $"127.0.0.1:{LoopbackPort.Free()}"];
        var builder = Host.CreateApplicationBuilder();
        builder.AddOrreryNode(args, node => node.AddServices(typeof(FirstGrain).Assembly));
        using var host = builder.Build();

        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains(refusal.Failures, failure => failure.Contains("'same_name'", StringComparison.Ordinal) && failure.Contains("FirstGrain", StringComparison.Ordinal));
        Assert.Contains(refusal.Failures, failure => failure.Contains("ITakesADelegate.Run", StringComparison.Ordinal));
    }
}
