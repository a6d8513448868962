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

namespace Orrery.Rpc.Routing;

/// <summary>
/// Makes the typed references of services. One whose key is a node id is Orleans' own, untouched; one whose key begins
/// with <c>@</c> names a role, or nothing, and chooses its node at each call.
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
        private Func<IdSpan, GrainReference>? _createRouted;
        private Func<IdSpan, GrainReference>? _createLogged;

        public GrainReference CreateReference(GrainId grainId)
        {
            if (grainId.Key.AsSpan() is [(byte)Marker, ..])
            {
                return Routed(ref _createRouted, grainId, isRouted: true);
            }

            // A plain reference can't say what became of its calls. When somebody listens, one that can takes its place.
            return _log.IsEnabled && interfaceType != _endpoint ? Routed(ref _createLogged, grainId, isRouted: false) : plain.CreateReference(grainId);
        }

        private GrainReference Routed(ref Func<IdSpan, GrainReference>? factory, GrainId grainId, bool isRouted)
        {
            if (factory is null)
            {
                lock (_creating)
                {
                    factory ??= Factory(grainId, isRouted);
                }
            }

            return factory(grainId.Key);
        }

        // The proxy that Orleans generated for the interface, with a runtime of ours behind it.
        private Func<IdSpan, GrainReference> Factory(GrainId grainId, bool isRouted)
        {
            var template = plain.CreateReference(grainId);
            var router = services.GetRequiredService<Router>();
            var runtime = new RoutedReferenceRuntime(plain, grainType, isRouted ? router : null, services.GetRequiredService<IGrainReferenceRuntime>(), services.GetRequiredService<Failover>(), services.GetRequiredService<CallStatistics>(), _log);
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
    }
}
