using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Emit;
using Microsoft.Extensions.DependencyInjection;
using Orleans.CodeGeneration;
using Orleans.GrainReferences;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Serializers;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Routing;

/// <summary>
/// Makes the typed references of services. One whose key is a node id sends its calls as Orleans does, for as long as that
/// node can read them; one whose key begins with <c>@</c> names a role, or nothing, and chooses its node at each call.
/// </summary>
internal sealed class RoutedReferences(IServiceProvider services) : IGrainReferenceActivatorProvider
{
    /// <summary>What the key of a reference begins with that chooses its node at each call. No node id can.</summary>
    public const char Marker = '@';

    public bool TryGet(GrainType grainType, GrainInterfaceType interfaceType, [NotNullWhen(true)] out IGrainReferenceActivator? activator)
    {
        activator = null;
        if (interfaceType.IsDefault || !ServiceContract.IsService(grainType))
        {
            return false;
        }

        foreach (var provider in services.GetServices<IGrainReferenceActivatorProvider>())
        {
            if (provider != this && provider.TryGet(grainType, interfaceType, out var plain))
            {
                activator = new Activator(plain, grainType, interfaceType, services);
                return true;
            }
        }

        return false;
    }

    private sealed class Activator(IGrainReferenceActivator plain, GrainType grainType, GrainInterfaceType interfaceType, IServiceProvider services)
        : IGrainReferenceActivator
    {
        private readonly CallLog _log = services.GetRequiredService<CallLog>();
        // Whoever calls through the endpoint logs the call itself.
        private readonly GrainInterfaceType _endpoint = services.GetRequiredService<GrainInterfaceTypeResolver>().GetGrainInterfaceType(typeof(IServiceEndpoint));
        private readonly Lock _creating = new();
        private TypedContract? _contract;
        private Func<IdSpan, GrainReference>? _routed;
        private Func<IdSpan, GrainReference>? _logged;
        private Func<IdSpan, GrainReference>? _plain;

        public GrainReference CreateReference(GrainId grainId)
        {
            if (grainId.Key.AsSpan() is [(byte)Marker, ..])
            {
                return Create(ref _routed, grainId, Sends.ToARole);
            }

            // A plain reference can't say what became of its calls. When somebody listens, one that can takes its place.
            return _log.IsEnabled && interfaceType != _endpoint ? Create(ref _logged, grainId, Sends.AndTells) : Create(ref _plain, grainId, Sends.ToANode);
        }

        private GrainReference Create(ref Func<IdSpan, GrainReference>? factory, GrainId grainId, Sends how)
        {
            if (factory is null)
            {
                lock (_creating)
                {
                    factory ??= Factory(grainId, how);
                }
            }

            return factory(grainId.Key);
        }

        // The proxy that Orleans generated for the interface, with a runtime of ours behind it.
        private Func<IdSpan, GrainReference> Factory(GrainId grainId, Sends how)
        {
            var template = plain.CreateReference(grainId);
            _contract ??= ServiceContract.ContractsOf(template.GetType()) is [{ IsGenericType: false } contract]
                ? new TypedContract(contract, services.GetRequiredService<NodeRegistry>(), new Lazy<CallInvoker>(services.GetRequiredService<CallInvoker>))
                : null;
            if (RuntimeOf(how) is not { } runtime)
            {
                return key => plain.CreateReference(GrainId.Create(grainType, key));
            }

            var shared = new GrainReferenceShared(
                grainType,
                interfaceType,
                template.InterfaceVersion,
                runtime,
                InvokeMethodOptions.None,
                services.GetRequiredService<CodecProvider>(),
                services.GetRequiredService<CopyContextPool>(),
                services);
            var constructor = template.GetType().GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, [typeof(GrainReferenceShared), typeof(IdSpan)])!;
            var method = new DynamicMethod("CreateRouted", typeof(GrainReference), [typeof(GrainReferenceShared), typeof(IdSpan)], template.GetType().Module, skipVisibility: true);
            var il = method.GetILGenerator();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Newobj, constructor);
            il.Emit(OpCodes.Ret);
            return method.CreateDelegate<Func<IdSpan, GrainReference>>(shared);
        }

        private IGrainReferenceRuntime? RuntimeOf(Sends how)
        {
            var inner = services.GetRequiredService<IGrainReferenceRuntime>();
            return how switch
            {
                Sends.ToANode => _contract is null ? null : new NodeReferenceRuntime(_contract, inner),
                _ => new RoutedReferenceRuntime(plain, grainType, _contract, how is Sends.ToARole ? services.GetRequiredService<Router>() : null, inner, services.GetRequiredService<Failover>(), services.GetRequiredService<CallStatistics>(), _log),
            };
        }

        private enum Sends
        {
            ToARole,
            ToANode,
            AndTells,
        }
    }
}
