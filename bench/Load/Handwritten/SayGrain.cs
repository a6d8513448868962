using Orleans.Concurrency;

namespace Orrery.Load.Handwritten;

/// <summary>The grain behind the rival: the sample's echo as a plain Orleans grain.</summary>
public interface ISayGrain : IGrainWithStringKey
{
    ValueTask<Answer> Say(string text, long n);
}

[GenerateSerializer, Immutable]
public sealed record Answer([property: Id(0)] string Text, [property: Id(1)] long N);

[Reentrant]
internal sealed class SayGrain : Grain, ISayGrain
{
    public ValueTask<Answer> Say(string text, long n) => new(new Answer(text, n + 1));
}
