using Orrery.Rpc.Catalog;

namespace Orrery.Rpc.Security;

/// <summary>Decides whether a caller outside the cluster may call a method, and what it is told when it may not.</summary>
internal static class Access
{
    /// <summary>What a caller is told that has to say who it is. The same whatever it asked for, so that it learns nothing.</summary>
    public static RpcError Unauthenticated { get; } = RpcError.NotExecuted(
        RpcErrorCode.Unauthenticated, RpcErrorReason.Unauthenticated, "This call needs a caller that says who it is. Send a token in the header Authorization: Bearer, or a client certificate.");

    /// <summary>Gives the error when the caller may not call the method.</summary>
    public static RpcError? Refusal(string service, MethodDescription method, Caller caller) =>
        caller.MayCall(method) ? null
        : caller.IsAnonymous ? Unauthenticated
        : method.Public ? Denied(service, method, caller)
        : NotPublic(service, method);

    private static RpcError Denied(string service, MethodDescription method, Caller caller) => RpcError.NotExecuted(
        RpcErrorCode.PermissionDenied, RpcErrorReason.PermissionDenied, $"'{caller}' may not call '{service}/{method.Name}': that needs the permission '{method.Permission}'.");

    private static RpcError NotPublic(string service, MethodDescription method) => RpcError.NotExecuted(
        RpcErrorCode.MethodNotFound, RpcErrorReason.MethodNotPublic, $"'{service}/{method.Name}' can be called by services only: it is not public.");
}
