using Orrery.Rpc.Catalog;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Routing;

/// <summary>Where one call goes.</summary>
/// <param name="Instance">The instance that runs it; the first one when it goes to all.</param>
/// <param name="Service">The service.</param>
/// <param name="Method">The method.</param>
/// <param name="Role">The role that it may go to, empty for any node; null when it goes to a node by its id, and to no other.</param>
/// <param name="HasOthers">Whether another node could take the call too.</param>
/// <param name="All">The instances that run it when the target is <c>@all</c>; else null.</param>
internal readonly record struct Route(ServiceInstance Instance, ServiceDescription Service, MethodDescription Method, string? Role = null, bool HasOthers = false, ServiceInstance[]? All = null);
