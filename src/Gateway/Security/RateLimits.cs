using System.Collections.Frozen;
using System.Net;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Orrery.Rpc;
using Orrery.Rpc.Addressing;
using Orrery.Rpc.Security;

namespace Orrery.Gateway.Security;

/// <summary>Counts the calls of callers and of methods, and refuses those that are too many, with ASP.NET Core's limiters.</summary>
internal sealed class RateLimits : IDisposable
{
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(1);

    private readonly PartitionedRateLimiter<Client>? _callers;
    private readonly RateLimiter? _total;
    private readonly FrozenDictionary<string, TokenBucketRateLimiter> _methods;

    public RateLimits(IOptions<RateLimitOptions> options)
    {
        var limits = options.Value;
        var perCaller = limits.PerCaller > 0 ? Bucket(limits.PerCaller, limits.PerCallerBurst) : null;
        _callers = perCaller is null ? null : PartitionedRateLimiter.Create<Client, Client>(client => RateLimitPartition.GetTokenBucketLimiter(client, _ => perCaller));
        var total = limits.Total > 0 ? Bucket(limits.Total, limits.TotalBurst) : null;
        _total = total is null ? null : new TokenBucketRateLimiter(total);
        _methods = limits.Methods.ToFrozenDictionary(method => method.Key, method => new TokenBucketRateLimiter(Bucket(method.Value, null)));
        MostAtOnce = Math.Min(perCaller?.TokenLimit ?? int.MaxValue, total?.TokenLimit ?? int.MaxValue);
    }

    /// <summary>How many calls a batch can have that is ever let through.</summary>
    public int MostAtOnce { get; }

    /// <summary>Gives the error when the caller, or all together, made too many calls.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="connection">From where.</param>
    /// <param name="calls">How many calls it makes now.</param>
    public RpcError? Refusal(Caller caller, ConnectionInfo connection, int calls)
    {
        if (_callers is not null)
        {
            using var lease = _callers.AttemptAcquire(Client.Of(caller, connection.RemoteIpAddress), calls);
            if (!lease.IsAcquired)
            {
                return TooMany(lease, "The caller made too many calls.");
            }
        }

        if (_total is not null)
        {
            using var lease = _total.AttemptAcquire(calls);
            if (!lease.IsAcquired)
            {
                return TooMany(lease, "The gateway got too many calls.");
            }
        }

        return null;
    }

    /// <summary>Gives the error when a method was called too often.</summary>
    /// <param name="address">The address of the call.</param>
    public RpcError? Refusal(ReadOnlySpan<char> address)
    {
        if (_methods.Count == 0 || !Address.TryParse(address, out var parsed) || !_methods.TryGetValue($"{parsed.Service}/{parsed.Method}", out var limiter))
        {
            return null;
        }

        using var lease = limiter.AttemptAcquire();
        return lease.IsAcquired ? null : TooMany(lease, $"'{parsed.Service}/{parsed.Method}' was called too often.");
    }

    public void Dispose()
    {
        _callers?.Dispose();
        _total?.Dispose();
        foreach (var limiter in _methods.Values)
        {
            limiter.Dispose();
        }
    }

    private static RpcError TooMany(RateLimitLease lease, string problem)
    {
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) && after > LeastWait ? after : LeastWait;
        return RpcError.NotExecuted(RpcErrorCode.Overloaded, RpcErrorReason.RateLimited, problem, retryable: true) with
        {
            RetryAfterMs = (int)Math.Min(int.MaxValue, Math.Ceiling(wait.TotalMilliseconds)),
        };
    }

    // So many tokens at a time, and at least one, that they come about ten times a second.
    private static TokenBucketRateLimiterOptions Bucket(double perSecond, int? burst)
    {
        var tokens = Math.Max(1, (int)(perSecond / 10));
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst ?? (int)Math.Max(1, Math.Ceiling(perSecond)),
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds(tokens / perSecond),
            QueueLimit = 0,
        };
    }

    /// <summary>Who has a count of its own: a caller by its id, and one that does not say who it is by its address.</summary>
    private readonly record struct Client(string? Id, IPAddress? Address)
    {
        public static Client Of(Caller caller, IPAddress? address) =>
            caller.IsAnonymous || ReferenceEquals(caller, Caller.Unknown) ? new Client(null, address is null ? null : ClientNetwork.Of(address)) : new Client(caller.Id, null);
    }
}
