using System.Buffers;
using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Dynamic;
using System.Text.Json;
using Orrery.Rpc.Addressing;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Dynamic;

/// <summary>The second step of a dynamic call: names the target, or the method with its arguments.</summary>
internal sealed class DynamicService(Proxy proxy, NodeRegistry registry, string service, string? target) : DynamicObject
{
    public override bool TryGetMember(GetMemberBinder binder, [NotNullWhen(true)] out object? result) => TryTarget(binder.Name, out result);

    public override bool TryGetIndex(GetIndexBinder binder, object[] indexes, [NotNullWhen(true)] out object? result)
    {
        result = null;
        return indexes is [string text] && TryTarget(text, out result);
    }

    public override bool TryInvokeMember(InvokeMemberBinder binder, object?[]? args, out object? result)
    {
        var (parameters, token) = Read(binder.Name, args ?? [], binder.CallInfo.ArgumentNames);
        result = Call(Address.Format(service, target, binder.Name), parameters, token);
        return true;
    }

    private bool TryTarget(string text, [NotNullWhen(true)] out object? result)
    {
        result = target is null ? new DynamicService(proxy, registry, service, text) : null;
        return result is not null;
    }

    private async Task<DynamicResult> Call(string address, RawJson parameters, CancellationToken cancellationToken) =>
        new(await proxy.Call(address, parameters, cancellationToken));

    // C# gives the names of the last arguments; those before them are positional. A cancellation token is the call's own,
    // wherever it stands.
    private (RawJson Parameters, CancellationToken Token) Read(string method, object?[] arguments, ReadOnlyCollection<string> names)
    {
        var unnamed = arguments.Length - names.Count;
        var token = arguments.OfType<CancellationToken>().FirstOrDefault();
        var values = arguments
            .Select((value, index) => (Value: value, Name: index < unnamed ? null : names[index - unnamed]))
            .Where(argument => argument.Value is not CancellationToken)
            .ToArray();
        if (values.Length == 0)
        {
            return (default, token);
        }

        var isNamed = values[^1].Name is not null;
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        if (isNamed)
        {
            writer.WriteStartObject();
        }
        else
        {
            writer.WriteStartArray();
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (isNamed)
            {
                writer.WritePropertyName(values[i].Name ?? NameOf(method, i));
            }

            JsonSerializer.Serialize(writer, values[i].Value, values[i].Value?.GetType() ?? typeof(object), WireJson.Options);
        }

        if (isNamed)
        {
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteEndArray();
        }

        writer.Flush();
        return (new RawJson(buffer.WrittenMemory), token);
    }

    // JSON-RPC takes named or positional parameters, never both: the catalog knows the name of a position.
    private string NameOf(string method, int position) =>
        registry.Current.Service(service)?.Method(method)?.Description.Parameters.ElementAtOrDefault(position)?.Name
        ?? throw new RpcException(RpcError.NotExecuted(
            RpcErrorCode.InvalidParams,
            RpcErrorReason.TooManyParameters,
            $"'{service}/{method}' has no parameter at position {position + 1}. Name all arguments."));
}
