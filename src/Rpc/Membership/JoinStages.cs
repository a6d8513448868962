using Orleans.Runtime;

namespace Orrery.Rpc.Membership;

/// <summary>
/// When a node that starts does what on its way into the membership. Orleans can read the membership from
/// RuntimeGrainServices on, writes this node into it as joining at AfterRuntimeGrainServices, and as active at
/// BecomeActive.
/// </summary>
internal static class JoinStages
{
    /// <summary>To see who holds this node's id, and who is gone.</summary>
    public const int Look = ServiceLifecycleStage.RuntimeGrainServices + 50;

    /// <summary>To wait for this node's turn to write.</summary>
    public const int TakeTurnToJoin = Look + 10;

    /// <summary>To write who is gone.</summary>
    public const int DeclareDead = Look + 20;

    /// <summary>To let the next one join.</summary>
    public const int EndTurnToJoin = ServiceLifecycleStage.AfterRuntimeGrainServices + 10;

    /// <summary>To see whether another node of this id joins at the same time.</summary>
    public const int LookAgain = EndTurnToJoin + 10;

    /// <summary>To wait for this node's turn to become active.</summary>
    public const int TakeTurnToBecomeActive = CompareVersions - 1;

    /// <summary>To see whether its services get along with those of the others, which may have changed until its turn came.</summary>
    public const int CompareVersions = ServiceLifecycleStage.BecomeActive - 1;

    /// <summary>To let the next one become active.</summary>
    public const int EndTurnToBecomeActive = ServiceLifecycleStage.BecomeActive + 1;
}
