namespace Orrery.Rpc.Lifecycle;

/// <summary>Where a service is in its life on a node.</summary>
public enum ServiceStatus
{
    /// <summary>Takes calls. It is activated by the first one, or at once if it starts by itself.</summary>
    Running,

    /// <summary>
    /// Lacks a service that it depends on anywhere in the cluster. One that starts by itself starts when that is there;
    /// calls are let through.
    /// </summary>
    Waiting,

    /// <summary>Gets a fresh activation. Calls wait for it.</summary>
    Restarting,

    /// <summary>Finishes the calls that it is in, and takes no others.</summary>
    Stopping,

    /// <summary>Was stopped by somebody, and stays so until somebody starts it.</summary>
    Stopped,

    /// <summary>Could not be started. Tried again by and by, and by each call that is meant for this node.</summary>
    Failed,
}
