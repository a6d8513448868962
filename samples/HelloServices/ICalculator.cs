using Orrery.Rpc;

namespace HelloServices;

[Service(Description = "Arithmetic.")]
public interface ICalculator : IService
{
    [ServiceMethod(Public = true, Idempotent = true, Description = "The minuend less the subtrahend.")]
    Task<double> Subtract(double minuend, double subtrahend);

    [ServiceMethod(Public = true, Idempotent = true, Description = "The sum of all values.")]
    Task<double> Sum(params double[] values);
}
