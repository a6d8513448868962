using System.Reflection;
using Orleans.Runtime;
using Orrery.Rpc.Addressing;

namespace Orrery.Rpc.Catalog;

/// <summary>A service as its author wrote it: the interface, the class, and what the catalog says of them.</summary>
/// <param name="Interface">The contract.</param>
/// <param name="GrainClass">The class that implements it.</param>
/// <param name="Description">What the catalog says.</param>
/// <param name="Methods">The methods, in the order of the description.</param>
internal sealed record ServiceContract(
    Type Interface,
    Type GrainClass,
    ServiceDescription Description,
    IReadOnlyList<ServiceContract.Method> Methods)
{
    /// <summary>The platform gives every service's grain type this prefix: placement recognizes services by it.</summary>
    private const string GrainTypePrefix = "svc.";

    public sealed record Method(MethodInfo Info, MethodDescription Description, IReadOnlyList<Parameter> Parameters);

    public sealed record Parameter(ParameterInfo Info, ParameterDescription Description, bool Nullable, object? Default);

    public GrainType GrainType { get; } = GrainTypeOf(Description.Name);

    public static GrainType GrainTypeOf(string serviceName) => GrainType.Create(GrainTypePrefix + serviceName);

    public static bool IsService(GrainType grainType) => grainType.AsSpan().StartsWith("svc."u8);

    /// <summary>Gives the name of the service that the grain type, which is one of a service, stands for.</summary>
    public static string NameOf(GrainType grainType) => grainType.ToString()![GrainTypePrefix.Length..];

    public static bool IsService(Type grainClass) => typeof(IService).IsAssignableFrom(grainClass);

    /// <summary>Gives the name of the service that the interface is the contract of.</summary>
    public static string NameOf(Type contract)
    {
        if (contract.GetCustomAttribute<ServiceAttribute>()?.Name is { } name)
        {
            return name;
        }

        var derived = contract.Name is ['I', >= 'A' and <= 'Z', ..] ? contract.Name[1..] : contract.Name;
        return Names.SnakeCase(derived);
    }

    /// <summary>Gives the name of a contract's method.</summary>
    public static string NameOf(MethodInfo method)
    {
        if (method.GetCustomAttribute<ServiceMethodAttribute>()?.Name is { } name)
        {
            return name;
        }

        const string Suffix = "Async";
        return Names.SnakeCase(method.Name.EndsWith(Suffix, StringComparison.Ordinal) && method.Name.Length > Suffix.Length ? method.Name[..^Suffix.Length] : method.Name);
    }

    /// <summary>
    /// Gives the contracts that a class implements: those service interfaces that no other one of them extends.
    /// </summary>
    public static Type[] ContractsOf(Type grainClass)
    {
        var contracts = grainClass.GetInterfaces().Where(type => type != typeof(IService) && typeof(IService).IsAssignableFrom(type)).ToArray();
        return [.. contracts.Where(type => !contracts.Any(other => other != type && type.IsAssignableFrom(other)))];
    }

    /// <summary>Reads a class; adds to the violations what could never work, each with the type and the fix.</summary>
    public static ServiceContract? Read(Type grainClass, List<string> violations)
    {
        var contracts = ContractsOf(grainClass);
        if (contracts is not [var contract])
        {
            violations.Add($"{grainClass} implements {contracts.Length} service contracts ({string.Join(", ", contracts.Select(type => type.Name))}). A service is one class with one interface that extends IService: split the class.");
            return null;
        }

        if (grainClass.IsGenericTypeDefinition || contract.IsGenericType)
        {
            violations.Add($"{grainClass} or its contract {contract} is generic. A service has one name and one type: make both non-generic.");
            return null;
        }

        return new ContractReader(contract, grainClass, violations).Read();
    }

    /// <summary>Reads a contract as a caller has it, who has no class of it.</summary>
    public static ServiceContract ReadAsCaller(Type contract) => new ContractReader(contract, contract, []).Read();
}
