using Orrery.Rpc.Catalog;
using Orrery.Rpc.Invocation;

namespace Orrery.Rpc.Security;

/// <summary>
/// Who, outside the cluster, a call is made for. The gateway finds out who it is; from there it goes with the call, and with
/// the calls that are made in its course, from node to node.
/// </summary>
[Alias("orrery.caller")]
public sealed class Caller
{
    private const string Everything = "*";

    /// <summary>Names a caller.</summary>
    /// <param name="id">Who it is: the subject of a token, or the name in a certificate.</param>
    /// <param name="permissions">
    /// What it may do, separated by spaces. One that ends in <c>*</c> stands for all that begin so: <c>orders/*</c>, <c>*</c>.
    /// </param>
    public Caller(string id, string permissions)
    {
        Id = id;
        Permissions = permissions;
    }

    /// <summary>Anybody: a caller that does not say who it is.</summary>
    public static Caller Anonymous { get; } = new("anonymous", "");

    /// <summary>Whoever calls a gateway that asks nobody who they are: it may do everything.</summary>
    public static Caller Unknown { get; } = new("unknown", Everything);

    /// <summary>
    /// The caller that the code that runs works for, however many nodes lie between; null when it works for nobody outside: a
    /// timer, a node, a client program.
    /// </summary>
    public static Caller? Current => CallContext.Current?.Caller;

    /// <summary>Who it is.</summary>
    public string Id { get; }

    /// <summary>What it may do, separated by spaces.</summary>
    public string Permissions { get; }

    /// <summary>Whether it does not say who it is.</summary>
    public bool IsAnonymous => Id == Anonymous.Id;

    /// <summary>Whether it has a permission, or one that stands for it.</summary>
    /// <param name="permission">The permission, as a method names it.</param>
    public bool Has(string permission)
    {
        var all = Permissions.AsSpan();
        foreach (var range in all.Split(' '))
        {
            var pattern = all[range];
            if (pattern is [.. var start, '*'] ? permission.AsSpan().StartsWith(start, StringComparison.Ordinal) : pattern.SequenceEqual(permission))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether it may call a method.</summary>
    /// <param name="method">The method.</param>
    public bool MayCall(MethodDescription method)
    {
        ArgumentNullException.ThrowIfNull(method);
        return method.Public && (method.Anonymous || (!IsAnonymous && (method.Permission is null || Has(method.Permission))));
    }

    /// <summary>Its id.</summary>
    public override string ToString() => Id;
}
