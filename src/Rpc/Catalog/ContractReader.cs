using System.Reflection;
using System.Text.Json;
using Orleans.Placement;
using Orrery.Rpc.Addressing;

namespace Orrery.Rpc.Catalog;

/// <summary>Reads one contract by reflection, once, at start, and checks each rule that an author can break.</summary>
internal sealed class ContractReader(Type contract, Type grainClass, List<string> violations)
{
    private static readonly NullabilityInfoContext Nullability = new();

    public ServiceContract Read()
    {
        var attribute = contract.GetCustomAttribute<ServiceAttribute>();
        var name = ServiceContract.NameOf(contract);
        Require(Names.IsSnakeCase(name), contract, $"the service name '{name}' is not snake_case. Write it like [Service(\"my_service\")]");
        foreach (var role in attribute?.Roles ?? [])
        {
            Require(Names.IsTarget(role), contract, $"'{role}' can't be a role. A role is a letter or digit, then up to 62 letters, digits, '.', '_' or '-'");
        }

        Require(
            grainClass.GetCustomAttribute<PlacementAttribute>() is null,
            grainClass,
            "it has a placement attribute of its own. A service's key says where it runs: remove the attribute, and name roles in [Service(Roles = [...])]");

        foreach (var dependency in attribute?.DependsOn ?? [])
        {
            Require(Names.IsSnakeCase(dependency) && dependency != name, contract, $"it can't depend on '{dependency}'. Name another service, in snake_case");
        }

        var methods = AllMethods().Select(ReadMethod).OfType<ServiceContract.Method>().OrderBy(method => method.Description.Name, StringComparer.Ordinal).ToArray();
        foreach (var group in methods.GroupBy(method => method.Description.Name).Where(group => group.Count() > 1))
        {
            violations.Add($"{contract}: {string.Join(" and ", group.Select(method => method.Info.ToString()))} would both be called '{group.Key}'. Rename one, or name it with [ServiceMethod(\"other_name\")].");
        }

        Require(attribute is not { MaxRunning: < 0 }, contract, "its MaxRunning is negative. Give the number of calls that may run at once, or leave it out");
        var description = new ServiceDescription(name, attribute?.Description, attribute?.Roles ?? [], [.. methods.Select(method => method.Description)], attribute?.AutoStart ?? false, attribute?.AlwaysOn ?? false)
        {
            DependsOn = attribute?.DependsOn ?? [],
            MaxRunning = attribute is { MaxRunning: not 0 } ? attribute.MaxRunning : null,
            Signature = SignatureReader.Read(methods),
        };
        return new ServiceContract(contract, grainClass, description, methods);
    }

    // What every service has steps back where the author gave the name to a method of the service's own.
    private IEnumerable<MethodInfo> AllMethods()
    {
        var own = contract.GetInterfaces()
            .Where(type => type != typeof(IService) && typeof(IService).IsAssignableFrom(type))
            .Prepend(contract)
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public))
            .ToArray();
        var names = own.Select(ServiceContract.NameOf).ToHashSet();
        return own.Concat(typeof(IService).GetMethods().Where(method => !names.Contains(ServiceContract.NameOf(method))));
    }


    private ServiceContract.Method? ReadMethod(MethodInfo method)
    {
        var attribute = method.GetCustomAttribute<ServiceMethodAttribute>();
        if (IsStream(method.ReturnType))
        {
            Require(attribute?.Public is not true, method, "it returns a stream, which JSON-RPC has no answer for. Leave it private (typed callers can use it), or return a list");
            return null;
        }

        var name = ServiceContract.NameOf(method);
        Require(Names.IsSnakeCase(name), method, $"the method name '{name}' is not snake_case. Write it like [ServiceMethod(\"do_it\")]");
        Require(!method.IsGenericMethod, method, "it is generic. A caller outside can't choose a type: make it non-generic");

        var timeout = attribute?.TimeoutSeconds ?? 0;
        Require(timeout is 0 or (>= 0.001 and <= 3600), method, "its TimeoutSeconds is not a number from 0.001 to 3600");
        Require(attribute is not { Hedged: true, Idempotent: false }, method, "it is hedged, so it may run twice, and is not declared idempotent");
        Require(!method.IsDefined(typeof(ResponseTimeoutAttribute)), method, "[ResponseTimeout] would hide the deadline of its callers. Write [ServiceMethod(TimeoutSeconds = …)]");

        Require(attribute is not { Permission: not null, Public: false } and not { Anonymous: true, Public: false }, method, "it says who may call it from outside, and is not public. Write [ServiceMethod(Public = true, …)]");
        Require(attribute is not { Permission: not null, Anonymous: true }, method, "it needs a permission, which nobody has who does not say who they are. Leave out Permission or Anonymous");
        Require(attribute?.Permission is not { } permission || Names.IsPermission(permission), method, $"'{attribute?.Permission}' can't be a permission. A permission is 1 to 128 letters, digits and '.', '_', '-', '/' or ':'");

        var result = ResultType(method);
        if (result is null)
        {
            violations.Add($"{contract}.{method.Name}: it returns {method.ReturnType.Name}. Return Task, Task<T>, ValueTask or ValueTask<T>.");
        }
        else if (result != typeof(void) && DataTypeRules.Refusal(result, isRead: false) is { } refusal)
        {
            violations.Add($"{contract}.{method.Name}: its result can't be sent: {refusal}. Return plain data (numbers, strings, records, lists, dictionaries with string keys).");
            result = null;
        }

        var parameters = method.GetParameters();
        var tokens = parameters.Count(IsToken);
        Require(tokens <= 1, method, "it has more than one CancellationToken. Keep one");
        var read = parameters.Where(parameter => !IsToken(parameter)).Select(parameter => ReadParameter(method, parameter)).ToArray();
        foreach (var group in read.OfType<ServiceContract.Parameter>().GroupBy(parameter => parameter.Description.Name).Where(group => group.Count() > 1))
        {
            violations.Add($"{contract}.{method.Name}: two parameters would both be called '{group.Key}'. Rename one, or name it with [ParameterName(\"other_name\")].");
        }

        if (result is null || read.Contains(null))
        {
            return null;
        }

        var bound = read.OfType<ServiceContract.Parameter>().ToArray();
        return new ServiceContract.Method(
            method,
            new MethodDescription(
                name,
                attribute?.Description,
                attribute?.Public ?? false,
                tokens > 0,
                [.. bound.Select(parameter => parameter.Description)],
                result == typeof(void) ? "null" : JsonTypeName.Of(result),
                attribute?.Idempotent ?? false,
                attribute?.Hedged ?? false,
                timeout is 0 ? MethodDescription.DefaultTimeoutMs : (int)(timeout * 1000))
            {
                Permission = attribute?.Permission,
                Anonymous = attribute?.Anonymous ?? false,
            },
            bound);
    }

    private ServiceContract.Parameter? ReadParameter(MethodInfo method, ParameterInfo parameter)
    {
        if (DataTypeRules.Refusal(parameter.ParameterType, isRead: true) is { } refusal)
        {
            violations.Add($"{contract}.{method.Name}: parameter '{parameter.Name}' can't be sent: {refusal}. Take plain data (numbers, strings, records, lists, dictionaries with string keys).");
            return null;
        }

        var name = parameter.GetCustomAttribute<ParameterNameAttribute>()?.Name ?? Names.SnakeCase(parameter.Name!);
        Require(Names.IsSnakeCase(name), method, $"the parameter name '{name}' is not snake_case. Write it like [ParameterName(\"my_parameter\")]");
        var nullable = IsNullable(parameter);
        var takesTheRest = parameter.IsDefined(typeof(ParamArrayAttribute), inherit: false);
        var hasDefault = takesTheRest || parameter.HasDefaultValue;
        var fallback = takesTheRest ? Array.CreateInstance(parameter.ParameterType.GetElementType()!, 0) : hasDefault ? DefaultOf(parameter) : null;
        var description = new ParameterDescription(
            name,
            JsonTypeName.Of(parameter.ParameterType),
            Optional: nullable || hasDefault,
            hasDefault ? JsonSerializer.SerializeToElement(fallback, parameter.ParameterType, WireJson.Options) : null);
        return new ServiceContract.Parameter(parameter, description, nullable, fallback);
    }

    // Reflection gives null for the default of a struct and the bare number for that of an enum.
    private static object? DefaultOf(ParameterInfo parameter)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return parameter.DefaultValue switch
        {
            null when parameter.ParameterType.IsValueType => Activator.CreateInstance(parameter.ParameterType),
            { } value when type.IsEnum => Enum.ToObject(type, value),
            var value => value,
        };
    }

    private static bool IsNullable(ParameterInfo parameter)
    {
        if (parameter.ParameterType.IsValueType)
        {
            return Nullable.GetUnderlyingType(parameter.ParameterType) is not null;
        }

        lock (Nullability)
        {
            return Nullability.Create(parameter).WriteState is not NullabilityState.NotNull;
        }
    }

    private static bool IsToken(ParameterInfo parameter) => parameter.ParameterType == typeof(CancellationToken);

    private static bool IsStream(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>);

    private static Type? ResultType(MethodInfo method)
    {
        var type = method.ReturnType;
        if (type == typeof(Task) || type == typeof(ValueTask))
        {
            return typeof(void);
        }

        return type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(Task<>) || type.GetGenericTypeDefinition() == typeof(ValueTask<>))
            ? type.GetGenericArguments()[0]
            : null;
    }

    private void Require(bool holds, Type type, string otherwise)
    {
        if (!holds)
        {
            violations.Add($"{type}: {otherwise}.");
        }
    }

    private void Require(bool holds, MethodInfo method, string otherwise)
    {
        if (!holds)
        {
            violations.Add($"{contract}.{method.Name}: {otherwise}.");
        }
    }
}
