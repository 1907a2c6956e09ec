namespace Drover.Coroutines;

/// <summary>What becomes of a call on another thread when the coroutine that waits for it is canceled.</summary>
public enum WhenCanceled
{
    /// <summary>
    /// A call that runs is waited for, and its value is returned; a call that has not begun is taken back. For work that
    /// must not go on behind the caller's back.
    /// </summary>
    Wait,

    /// <summary>
    /// The wait ends at once. A call that runs goes on without anyone; its value is disposed when it can be, its failure
    /// is reported.
    /// </summary>
    Abandon,
}
