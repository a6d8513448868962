using System.Diagnostics.CodeAnalysis;
using System.Dynamic;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Dynamic;

/// <summary>The first step of a dynamic call: names the service.</summary>
internal sealed class DynamicProxy(Proxy proxy, NodeRegistry registry) : DynamicObject
{
    public override bool TryGetMember(GetMemberBinder binder, out object? result)
    {
        result = new DynamicService(proxy, registry, binder.Name, target: null);
        return true;
    }

    public override bool TryGetIndex(GetIndexBinder binder, object[] indexes, [NotNullWhen(true)] out object? result)
    {
        result = indexes is [string service] ? new DynamicService(proxy, registry, service, target: null) : null;
        return result is not null;
    }
}
