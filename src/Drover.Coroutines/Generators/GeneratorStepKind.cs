namespace Drover.Coroutines;

/// <summary>What a <see cref="GeneratorStep{TOut,TResult}"/> carries.</summary>
public enum GeneratorStepKind
{
    /// <summary>Nothing: the generator had ended before, or was closed.</summary>
    Ended,

    /// <summary>A value that the body yielded; the body waits for the next verb.</summary>
    Yielded,

    /// <summary>The body's return value. It is given once; later steps are <see cref="Ended"/>.</summary>
    Returned,
}
