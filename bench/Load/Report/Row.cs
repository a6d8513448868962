using Orrery.Load.Client;
using Orrery.Load.Servers;

namespace Orrery.Load.Report;

/// <summary>One line of the table: one kind of call to one server.</summary>
/// <param name="Work">The kind of call; rows of one kind are compared.</param>
/// <param name="Server">Who answers.</param>
/// <param name="Drive">Who calls.</param>
/// <param name="Processes">The processes that a call passes through.</param>
internal sealed record Row(string Work, string Server, Drive Drive, params ServerProcess[] Processes)
{
    public string Name => $"{Work}, {Server}";

    public List<Measurement> Measurements { get; } = [];

    public double Median(Func<Measurement, double> figure) => Measurements.Select(figure).Median();
}
