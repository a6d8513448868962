using Orleans.Runtime;
using Orrery.Rpc.Catalog;

namespace Orrery.Rpc.Lifecycle;

/// <summary>One service on this node: whether it may run, its present activation, and how it is.</summary>
internal sealed class ServiceHost(ServiceContract contract, string nodeId, TimeProvider time)
{
    private const int LongestReason = 500;

    private readonly Lock _lock = new();
    private IGrainContext? _activation;
    private DateTimeOffset _activatedAt;
    private int _isBeingTried;
    private bool _isClosed;
    private ServiceStatus _status = ServiceStatus.Running;
    private ServiceHealth _health;
    private string? _statusReason;
    private string? _healthReason;

    /// <summary>Called after each change of <see cref="Condition"/>.</summary>
    public Action Changed { get; set; } = static () => { };

    public ServiceContract Contract { get; } = contract;

    public ServiceDescription Description => Contract.Description;

    public GrainId GrainId { get; } = GrainId.Create(contract.GrainType, IdSpan.Create(nodeId));

    /// <summary>Held by whoever starts, stops or restarts the service.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Whether somebody stopped it.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_lock)
            {
                return _isClosed;
            }
        }
    }

    public ServiceCondition Condition
    {
        get
        {
            lock (_lock)
            {
                return new ServiceCondition(_status, _health, _status is ServiceStatus.Running ? _healthReason : _statusReason);
            }
        }
    }

    /// <summary>Since when the service has had its present activation; null when it has none.</summary>
    public DateTimeOffset? ActiveSince
    {
        get
        {
            var (activation, isClosed, at) = Read();
            return activation is null || isClosed || activation.Deactivated.IsCompleted ? null : at;
        }
    }

    /// <summary>Ends when the present activation, if any, has finished its calls and is gone.</summary>
    public Task Ended => Read().Activation?.Deactivated ?? Task.CompletedTask;

    /// <summary>False when somebody tries to start it again and again already.</summary>
    public bool BeginTrying() => Interlocked.Exchange(ref _isBeingTried, 1) == 0;

    public void EndTrying() => Volatile.Write(ref _isBeingTried, 0);

    /// <summary>Takes note of an activation that is being made; false when it must refuse all calls.</summary>
    public bool Admit(IGrainContext activation)
    {
        bool isAdmitted;
        lock (_lock)
        {
            _activation = activation;
            _activatedAt = time.GetUtcNow();
            (_health, _healthReason) = (ServiceHealth.Healthy, null);
            isAdmitted = !_isClosed;
        }

        Changed();
        return isAdmitted;
    }

    /// <summary>From now on new activations refuse all calls.</summary>
    public void Close(ServiceStatus status, string reason)
    {
        lock (_lock)
        {
            _isClosed = true;
            (_health, _healthReason) = (ServiceHealth.Healthy, null);
        }

        Set(status, reason);
    }

    /// <summary>From now on new activations take calls; where calls are sent to follows when it is <see cref="Set"/> to run.</summary>
    public void Open()
    {
        lock (_lock)
        {
            _isClosed = false;
        }
    }

    public void Set(ServiceStatus status, string? reason = null)
    {
        lock (_lock)
        {
            (_status, _statusReason) = (status, reason);
        }

        Changed();
    }

    /// <summary>What the service says of itself. An activation that is no longer the present one is not listened to.</summary>
    public void Report(IGrainContext activation, ServiceHealth health, string? reason)
    {
        lock (_lock)
        {
            reason = reason is { Length: > LongestReason } ? reason[..LongestReason] : reason;
            if (_activation != activation || (_health == health && _healthReason == reason))
            {
                return;
            }

            (_health, _healthReason) = (health, reason);
        }

        Changed();
    }

    /// <summary>Ends the present activation, if any: it finishes the calls that it is in, then its stop hook runs. Later calls wait for the next one.</summary>
    public Task EndActivationAsync(string reason)
    {
        var activation = Read().Activation;
        activation?.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, reason));
        return activation?.Deactivated ?? Task.CompletedTask;
    }

    // An activation has a lock of its own, which it holds while it asks to be admitted: nothing of it is asked under ours.
    private (IGrainContext? Activation, bool IsClosed, DateTimeOffset ActivatedAt) Read()
    {
        lock (_lock)
        {
            return (_activation, _isClosed, _activatedAt);
        }
    }
}
