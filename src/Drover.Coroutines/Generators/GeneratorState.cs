namespace Drover.Coroutines;

/// <summary>Where a generator stands, as <c>inspect.getgeneratorstate</c> tells it in Python.</summary>
public enum GeneratorState
{
    /// <summary>Nobody has asked for a step yet; nothing of the body has run.</summary>
    Created,

    /// <summary>The body runs, or awaits something other than a yield. Only the body can change that.</summary>
    Running,

    /// <summary>The body waits at a yield for the driver's next verb.</summary>
    Suspended,

    /// <summary>The body has returned, thrown or been closed, or was closed before it started.</summary>
    Ended,
}
