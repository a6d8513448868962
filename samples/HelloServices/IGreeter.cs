using Orrery.Rpc;

namespace HelloServices;

[Service(Description = "Greets, and asks other nodes to do so: shows what a service can reach.")]
public interface IGreeter : IService
{
    [ServiceMethod(Public = true, Description = "Greets from the node that it runs on.")]
    Task<string> Greet(string name = "world");

    [ServiceMethod(Public = true, Description = "Greets from each live node of a role, as a typed, a dynamic and a call by address.")]
    Task<IReadOnlyList<string>> GreetFromAll(string role, CancellationToken cancellationToken);

    [ServiceMethod(Description = "Private: the services of the cluster may call it, nobody outside.")]
    Task<string> Whisper(string name);
}
