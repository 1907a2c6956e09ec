namespace Drover.Coroutines;

/// <summary>Where a wait stands. It leaves <see cref="Parked"/> once, on the loop's thread: that is why a value cannot
/// be both delivered and lost.</summary>
internal enum WaitStatus : byte
{
    /// <summary>In a pool, not in use.</summary>
    Free,

    /// <summary>Waiting.</summary>
    Parked,

    /// <summary>What was waited for has come.</summary>
    Completed,

    /// <summary>Canceled, closed or failed; <see cref="WaitNode.Why"/> says which.</summary>
    Refused,
}
