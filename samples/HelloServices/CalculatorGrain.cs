using Orrery.Rpc;

namespace HelloServices;

internal sealed class CalculatorGrain : Grain, ICalculator
{
    public Task<double> Subtract(double minuend, double subtrahend) => Finite(minuend - subtrahend);

    public Task<double> Sum(params double[] values) => Finite(values.Sum());

    private static Task<double> Finite(double result) => double.IsFinite(result)
        ? Task.FromResult(result)
        : throw new RpcException("The result is too large for a number.");
}
