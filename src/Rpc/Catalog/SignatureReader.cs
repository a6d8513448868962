using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization.Metadata;

namespace Orrery.Rpc.Catalog;

/// <summary>Reads the signature of a contract whose methods have been read.</summary>
internal sealed class SignatureReader
{
    private const int IdLength = 16;

    private readonly Dictionary<Type, ObjectType> _objects = [];

    /// <summary>Gives the signature of methods.</summary>
    public static ServiceSignature Read(IEnumerable<ServiceContract.Method> methods)
    {
        var reader = new SignatureReader();
        var signatures = methods.DistinctBy(method => method.Description.Name).ToDictionary(method => method.Description.Name, reader.Read);
        var members = 0;
        var objects = reader._objects.Values.TakeWhile(known => (members += known.Members.Count) <= ServiceSignature.MostMembers);
        return new ServiceSignature(signatures, objects.ToDictionary(known => known.Name, known => (IReadOnlyList<Member>)known.Members));
    }

    private MethodSignature Read(ServiceContract.Method method)
    {
        var parameters = method.Parameters.Select(parameter => new Member(parameter.Description.Name, TextOf(parameter.Info.ParameterType, parameter.Nullable), parameter.Description.Optional)).ToArray();
        var result = method.Info.ReturnType is { IsGenericType: true } task ? task.GetGenericArguments()[0] : null;
        var returns = result is null ? "null" : TextOf(result, nullable: false);
        var objects = new HashSet<ObjectType>();
        foreach (var type in method.Parameters.Select(parameter => parameter.Info.ParameterType).Append(result).OfType<Type>())
        {
            Collect(type, objects);
        }

        string[] parts = [Identity(method.Info), .. parameters.Select(parameter => parameter.ToString()), returns, .. objects.Select(known => known.Identity).Order(StringComparer.Ordinal)];
        return new MethodSignature(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))))[..IdLength], parameters, returns);
    }

    // What Orleans tells the requests of typed calls apart by, and what it reads their arguments by.
    private static string Identity(MethodInfo method)
    {
        var contract = method.DeclaringType!;
        var name = method.GetCustomAttribute<AliasAttribute>()?.Alias ?? method.GetCustomAttribute<IdAttribute>()?.Id.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? method.Name;
        return $"{contract.GetCustomAttribute<AliasAttribute>()?.Alias} {contract}, {contract.Assembly.GetName().Name} {name} {method}";
    }

    private string TextOf(Type type, bool nullable)
    {
        var value = Nullable.GetUnderlyingType(type);
        var text = JsonTypeName.Of(value ?? type, part => TextOf(part, nullable: false), info => TypeText.Object + NameOf(info));
        return nullable || value is not null ? TypeText.Nullable + text : text;
    }

    private string NameOf(JsonTypeInfo info)
    {
        if (!_objects.TryGetValue(info.Type, out var known))
        {
            var name = info.Type.Name.Split('`')[0];
            var namesakes = _objects.Values.Count(other => other.Name.Split('~')[0] == name);
            _objects[info.Type] = known = new ObjectType(namesakes == 0 ? name : $"{name}~{namesakes}");
            known.Read(info, TextOf);
        }

        return known.Name;
    }

    private void Collect(Type type, HashSet<ObjectType> found)
    {
        var value = Nullable.GetUnderlyingType(type) ?? type;
        if (_objects.TryGetValue(value, out var known))
        {
            if (found.Add(known))
            {
                foreach (var part in known.Parts)
                {
                    Collect(part, found);
                }
            }
        }
        else if (WireJson.Options.GetTypeInfo(value).ElementType is { } element)
        {
            Collect(element, found);
        }
    }

    private sealed class ObjectType(string name)
    {
        public string Name { get; } = name;

        public List<Member> Members { get; } = [];

        public List<Type> Parts { get; } = [];

        public string Identity { get; private set; } = "";

        public void Read(JsonTypeInfo info, Func<Type, bool, string> textOf)
        {
            var identity = new StringBuilder($"{info.Type} {info.Type.GetCustomAttribute<AliasAttribute>()?.Alias} {info.Type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)}");
            foreach (var property in info.Properties)
            {
                var isRequired = property.IsRequired || property.AssociatedParameter is { HasDefaultValue: false };
                var isNullable = property.PropertyType is { IsValueType: false } && property.IsGetNullable;
                var member = new Member(property.Name, textOf(property.PropertyType, isNullable), !isRequired);
                Members.Add(member);
                Parts.Add(property.PropertyType);
                identity.Append(System.Globalization.CultureInfo.InvariantCulture, $"\n {member} {property.PropertyType} {Id(property)}");
            }

            Identity = identity.ToString();
        }

        private static uint? Id(JsonPropertyInfo property) =>
            property.AttributeProvider?.GetCustomAttributes(typeof(IdAttribute), inherit: false) is [IdAttribute id, ..] ? id.Id : null;
    }
}
