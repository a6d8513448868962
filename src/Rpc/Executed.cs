namespace Orrery.Rpc;

/// <summary>Whether the method of a call that failed has run.</summary>
public enum Executed
{
    /// <summary>It certainly did not run: calling again is safe.</summary>
    No,

    /// <summary>It may have run, wholly or in part.</summary>
    Maybe,

    /// <summary>It ran and said no.</summary>
    Yes,
}
