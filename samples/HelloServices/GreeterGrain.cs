using Orrery.Rpc;
using Orrery.Rpc.Registry;

namespace HelloServices;

internal sealed class GreeterGrain(LocalNode node, NodeRegistry registry, Proxy proxy) : Grain, IGreeter
{
    public Task<string> Greet(string name = "world") => Task.FromResult($"Hello, {name}, from {node.NodeId}!");

    public async Task<IReadOnlyList<string>> GreetFromAll(string role, CancellationToken cancellationToken)
    {
        var greetings = new List<string>();
        foreach (var other in registry.Nodes.Where(other => other.Status is NodeStatus.Alive && other.Roles.Contains(role)))
        {
            greetings.Add(await proxy.Get<IGreeter>(other.NodeId).Greet("typed"));
            greetings.Add((await proxy.Call<string>($"greeter/{other.NodeId}/greet", new { name = "address" }, cancellationToken))!);
            greetings.Add((string)await proxy.Dynamic.greeter[other.NodeId].greet(name: "dynamic"));
        }

        return greetings.Count > 0 ? greetings : throw new RpcException($"No live node has the role '{role}'.");
    }

    public Task<string> Whisper(string name) => Task.FromResult($"psst, {name}");
}
