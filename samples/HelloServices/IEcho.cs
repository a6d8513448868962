using Orrery.Rpc;

namespace HelloServices;

[Service("echo", Description = "Says what it was told.")]
public interface IEcho : IService
{
    [ServiceMethod(Public = true, Idempotent = true, Description = "Gives the text back, and the number after n.")]
    ValueTask<Said> Say(string text, long n);
}

[GenerateSerializer, Immutable]
public sealed record Said([property: Id(0)] string Text, [property: Id(1)] long N);
