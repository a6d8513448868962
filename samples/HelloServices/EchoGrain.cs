namespace HelloServices;

internal sealed class EchoGrain : Grain, IEcho
{
    public ValueTask<Said> Say(string text, long n) => new(new Said(text, n + 1));
}
