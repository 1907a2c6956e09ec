namespace Drover.Coroutines;

/// <summary>Where a generator stands, as <c>inspect.getgeneratorstate</c> tells it in Python.</summary>
public enum GeneratorState
{
    /// <summary>Nobody has asked for a step yet; nothing of the body has run.</summary>
    Created,

    /// <summary>
    /// A verb is under way: the body runs, awaits something other than a yield, or the driver has not yet
    /// awaited the step that it asked for.
    /// </summary>
    Running,

    /// <summary>The body waits at a yield for the driver's next verb.</summary>
    Suspended,

    /// <summary>The body has returned, thrown or been closed, or was closed before it started.</summary>
    Ended,
}
