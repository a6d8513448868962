using Orrery.Rpc.Catalog;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Routing;

/// <summary>Where one call goes.</summary>
internal readonly record struct Route(ServiceInstance Instance, ServiceDescription Service, MethodDescription Method);
