namespace Drover.Coroutines;

/// <summary>
/// Raised inside a generator's body, at the yield where it waits, when the generator is closed
/// (GeneratorExit of PEP 342). It unwinds the body so that its finally blocks run, and ends there: whoever
/// closes does not see it.
/// </summary>
/// <remarks>
/// A body should not swallow it. It is an <see cref="OperationCanceledException"/>, so a body's
/// <c>catch (Exception)</c> and <c>catch (OperationCanceledException)</c> see it too: rethrow, or return.
/// A body that yields again instead fails the close with an <see cref="InvalidOperationException"/>.
/// </remarks>
public sealed class GeneratorClosedException : OperationCanceledException
{
    internal GeneratorClosedException()
        : base("The generator is being closed: let this exception pass, or return.")
    {
    }
}
