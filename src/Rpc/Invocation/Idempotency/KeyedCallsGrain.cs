using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Orleans.Storage;
using Orrery.Rpc.Database;

namespace Orrery.Rpc.Invocation.Idempotency;

/// <inheritdoc cref="IKeyedCalls"/>
/// <remarks>
/// That the call is about to run is written before it runs, and only over what was read: of two that hold a grain of the
/// key each, while the cluster is in two minds about its nodes, one writes and the other finds it written.
/// </remarks>
[GrainType(GrainTypeName), Reentrant, CollectionAgeLimit(Minutes = 2)]
internal sealed partial class KeyedCallsGrain(
    CallInvoker invoker,
    IClusterMembershipService membership,
    ILocalSiloDetails local,
    IServiceProvider services,
    IOptions<CallsOptions> options,
    TimeProvider time,
    ILogger<KeyedCallsGrain> logger) : Grain, IKeyedCalls
{
    public const string GrainTypeName = "orrery.keyed_calls";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private KeyedCallStore? _store;
    private Present? _present;

    private KeyedCallStore Store => _store ??= new KeyedCallStore(
        services.GetService<DatabaseSettings>() is null ? null : services.GetRequiredKeyedService<IGrainStorage>(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME),
        this.GetGrainId());

    private DateTimeOffset Now => time.GetUtcNow();

    public async Task<KeyedOutcome> Invoke(KeyedCall call)
    {
        // Meant for this grain, and not for those that the service calls.
        RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        var fingerprint = call.Fingerprint();
        if (_present is { } present && present.Until > Now)
        {
            return present.Fingerprint == fingerprint ? await present.Outcome with { IsRepeated = true } : KeyedCallErrors.Reused;
        }

        _present = present = new Present(fingerprint);
        // Not awaited before it is kept: whoever comes meanwhile waits for the same.
        present.Outcome = MakeAsync(call, present);
        return await present.Outcome;
    }

    private async Task<KeyedOutcome> MakeAsync(KeyedCall call, Present present)
    {
        KeyedCallRecord record;
        try
        {
            if (await BeginAsync(call, present) is var (begun, earlier) && earlier is not null)
            {
                return earlier;
            }

            record = begun!;
        }
        catch (RpcException exception)
        {
            Forget(present);
            return KeyedCallErrors.NotBegun(exception.Error);
        }
        catch
        {
            Forget(present);
            throw;
        }

        var made = CallScope.Remaining <= TimeSpan.Zero ? CallFailure.NoTimeLeft : await InvokeAsync(call);
        if (MayRunAgain(made.Outcome.Error, call))
        {
            Forget(present);
            await GiveFreeAsync();
        }
        else
        {
            present.Until = record.ExpiresAt;
            await KeepAsync(record.With(made));
        }

        return made;
    }

    // Its caller may stop waiting, and ask again for what it came to: the call goes on.
    private async Task<KeyedOutcome> InvokeAsync(KeyedCall call)
    {
        CallContext.Restore(null);
        var trace = new CallTrace();
        var outcome = await invoker.InvokeAsync(call.Address, call.Parameters, call.Caller, fromOutside: false, new CallOptions(call.Timeout, trace), CancellationToken.None);
        return new KeyedOutcome(outcome, [.. trace.Attempts], IsRepeated: false);
    }

    // Gives the record that was written for the call; or what the call comes to because of an earlier one.
    private async Task<(KeyedCallRecord? Begun, KeyedOutcome? Earlier)> BeginAsync(KeyedCall call, Present present)
    {
        while (true)
        {
            var known = await Store.ReadAsync();
            if (known is not null && known.ExpiresAt > Now && !IsOwn(known))
            {
                if (known.Fingerprint != present.Fingerprint)
                {
                    Forget(present);
                    return (null, KeyedCallErrors.Reused);
                }

                if (known.IsOver)
                {
                    present.Until = known.ExpiresAt;
                    return (null, known.ToOutcome());
                }

                if (!IsGone(known))
                {
                    await WaitAsync();
                    continue;
                }

                if (!call.IsIdempotent)
                {
                    Forget(present);
                    return (null, KeyedCallErrors.OutcomeUnknown);
                }
            }

            var record = new KeyedCallRecord
            {
                Fingerprint = present.Fingerprint,
                Silo = local.SiloAddress.ToParsableString(),
                Activation = $"{GrainContext.ActivationId}",
                ExpiresAt = Now + options.Value.IdempotencyWindow,
            };
            try
            {
                await Store.WriteAsync(record);
                return (record, null);
            }
            catch (InconsistentStateException)
            {
                // Somebody was faster: what they wrote counts.
            }
        }
    }

    // Begun here and given up: nothing of it runs.
    private bool IsOwn(KeyedCallRecord record) => !record.IsOver && record.Activation == $"{GrainContext.ActivationId}";

    // On this node an activation ends after the calls that it is in.
    private bool IsGone(KeyedCallRecord record)
    {
        var silo = SiloAddress.FromParsableString(record.Silo);
        return silo.Equals(local.SiloAddress) || !membership.CurrentSnapshot.Members.TryGetValue(silo, out var member) || member.Status is SiloStatus.Dead;
    }

    private async Task WaitAsync()
    {
        if (CallScope.Remaining is { } remaining && remaining < Interval)
        {
            throw new RpcException(CallFailure.NoTimeLeft);
        }

        await Task.Delay(Interval, time);
    }

    private static bool MayRunAgain(RpcError? error, KeyedCall call) => error is { Executed: Executed.No } || (error is { Executed: Executed.Maybe } && call.IsIdempotent);

    private void Forget(Present present) => _present = _present == present ? null : _present;

    private async Task GiveFreeAsync()
    {
        try
        {
            await Store.ClearAsync();
        }
        catch (Exception exception) when (exception is RpcException or InconsistentStateException)
        {
            // While this grain lives it knows its own, and else the record says less than it could.
            LogNotGivenFree(exception.Message);
        }
    }

    private async Task KeepAsync(KeyedCallRecord record)
    {
        if (!Store.IsDurable)
        {
            DelayDeactivation(options.Value.IdempotencyWindow);
        }

        if (!await TryKeepAsync(record))
        {
            DelayDeactivation(options.Value.IdempotencyWindow);
            _ = KeepTryingAsync(record);
        }
    }

    // The caller has its outcome: until the database has it too, this grain does.
    private async Task KeepTryingAsync(KeyedCallRecord record)
    {
        do
        {
            await Task.Delay(Interval, time);
        }
        while (record.ExpiresAt > Now && !await TryKeepAsync(record));
    }

    private async Task<bool> TryKeepAsync(KeyedCallRecord record)
    {
        try
        {
            await Store.WriteAsync(record);
            return true;
        }
        catch (InconsistentStateException)
        {
            return true;
        }
        catch (RpcException exception)
        {
            LogNotKept(exception.Message);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "What a call with an idempotency key came to is not kept yet: {Problem}")]
    private partial void LogNotKept(string problem);

    [LoggerMessage(LogLevel.Warning, "An idempotency key whose call did not run could not be given free: {Problem}")]
    private partial void LogNotGivenFree(string problem);

    /// <summary>The call for which the key stands now, as this grain knows it.</summary>
    private sealed class Present(string fingerprint)
    {
        public string Fingerprint => fingerprint;

        public Task<KeyedOutcome> Outcome { get; set; } = null!;

        /// <summary>Until when the key stands for it; while it runs, for as long as that takes.</summary>
        public DateTimeOffset Until { get; set; } = DateTimeOffset.MaxValue;
    }
}
