using Microsoft.Extensions.Time.Testing;
using Orrery.Rpc.Routing;

namespace Orrery.Rpc.Tests.Routing;

public sealed class CircuitTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Circuit _circuit;

    public CircuitTests() => _circuit = new Circuit(_time);

    [Fact]
    public void It_opens_when_half_of_the_calls_fail_and_not_before_there_are_ten()
    {
        Note(isIll: true, times: 9);
        Assert.Equal(CircuitState.Closed, _circuit.State);

        Note(isIll: true, times: 1);

        Assert.Equal(CircuitState.Open, _circuit.State);
        Assert.True(_circuit.IsOpen(callsInFlight: 0));
        Assert.InRange(_circuit.OpenForMs, 1, 1000);
    }

    [Fact]
    public void It_stays_closed_while_most_calls_are_answered()
    {
        for (var i = 0; i < 100; i++)
        {
            Note(isIll: true, times: 1);
            Note(isIll: false, times: 2);
        }

        Assert.Equal(CircuitState.Closed, _circuit.State);
    }

    [Fact]
    public void After_a_while_it_lets_one_call_through_and_that_one_closes_it()
    {
        Note(isIll: true, times: 10);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(CircuitState.HalfOpen, _circuit.State);
        Assert.False(_circuit.IsOpen(callsInFlight: 0));
        Assert.True(_circuit.IsOpen(callsInFlight: 1));

        Note(isIll: false, times: 1);
        Assert.Equal(CircuitState.Closed, _circuit.State);
    }

    [Fact]
    public void A_probe_that_fails_opens_it_again_for_longer()
    {
        Note(isIll: true, times: 10);
        _time.Advance(TimeSpan.FromSeconds(1));
        Note(isIll: true, times: 1);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(CircuitState.Open, _circuit.State);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(CircuitState.HalfOpen, _circuit.State);
    }

    [Fact]
    public void Calls_that_fail_at_once_for_the_first_time_are_all_counted()
    {
        for (var round = 0; round < 200; round++)
        {
            var circuit = new Circuit(_time);
            using var start = new Barrier(4);

            Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
            {
                start.SignalAndWait(TestContext.Current.CancellationToken);
                circuit.Note(isIll: true);
            });
            for (var i = 0; i < 6; i++)
            {
                circuit.Note(isIll: true);
            }

            Assert.Equal(CircuitState.Open, circuit.State);
        }
    }

    private void Note(bool isIll, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _circuit.Note(isIll);
        }
    }
}
