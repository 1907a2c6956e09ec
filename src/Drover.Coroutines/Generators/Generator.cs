namespace Drover.Coroutines;

/// <summary>
/// A two-way coroutine: an asynchronous body that yields values to a driver and takes values and exceptions
/// from it (PEP 342), can hand its driver through to another generator and has a return value (PEP 380), and
/// may await between yields (PEP 525).
/// </summary>
/// <remarks>
/// <para>
/// The body has no thread and no loop of its own. It runs inside the driver's call, up to its next yield,
/// return or exception; when it awaits something that is not complete, the driver's await completes later,
/// in the driver's synchronization context. Driving a body that yields in a loop allocates nothing.
/// </para>
/// <para>
/// Several coroutines may drive in turn: the body goes on in whichever drives. Only an ordinary async method
/// that the body calls, and that yields itself, returns to the context it was called in, as any await does.
/// </para>
/// <para>
/// One verb at a time: await each step before asking for the next. A verb called while another is under way,
/// from another thread or from the body itself, throws an <see cref="InvalidOperationException"/> and changes
/// nothing. An exception of the body
/// comes out of the verb that ran it, with its own stack, and ends the generator. After the end, next and
/// send give an ended step, throw gives the exception back, and close does nothing.
/// </para>
/// <para>
/// No verb takes a cancellation token: a generator suspended at a yield is stopped by closing it, and what
/// its body awaits otherwise is canceled by the body's own means.
/// </para>
/// <para>
/// Close a generator that is not driven to its end. One that is dropped is collected like any abandoned
/// async method: its finally blocks never run. Do not yield inside a cancel scope or task group that the
/// body has opened: between two verbs the driver may do anything, also outside of that scope (PEP 789).
/// </para>
/// </remarks>
/// <example>
/// A running average:
/// <code>
/// var averager = new Generator&lt;double, double, int&gt;(async y =>
/// {
///     double sum = await y.YieldAsync(0);
///     for (int n = 1; n &lt; 3; n++)
///     {
///         sum += await y.YieldAsync(sum / n);
///     }
///     return 3;
/// });
/// await averager.NextAsync();              // Yielded(0)
/// await averager.SendAsync(10);            // Yielded(10)
/// await averager.SendAsync(20);            // Yielded(15)
/// await averager.SendAsync(30);            // Returned(3)
/// </code>
/// </example>
/// <typeparam name="TOut">The type of yielded values.</typeparam>
/// <typeparam name="TIn">The type of values that the driver sends.</typeparam>
/// <typeparam name="TResult">The type of the body's return value.</typeparam>
public sealed class Generator<TOut, TIn, TResult> : IAsyncDisposable
{
    private readonly BodyRun<TOut, TIn, TResult> _run;

    /// <summary>Makes a generator. Nothing of the body runs before the first step.</summary>
    /// <param name="body">The body; called at most once.</param>
    public Generator(Func<Yielder<TOut, TIn>, Task<TResult>> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        _run = new BodyRun<TOut, TIn, TResult>(body);
    }

    /// <summary>Where the generator stands. Never blocks; may be read from any thread.</summary>
    public GeneratorState State => _run.State;

    /// <summary>Starts the body, or goes on from its yield with the default as the sent value (PEP 342, <c>next</c>).</summary>
    /// <remarks>Complete on return unless the body awaits something that is not.</remarks>
    /// <returns>What the body yields or returns; an ended step if it had ended before.</returns>
    /// <exception cref="InvalidOperationException">The generator is already running; nothing was changed.</exception>
    /// <exception cref="InsufficientExecutionStackException">Delegation is nested too deep; nothing was changed.</exception>
    /// <exception cref="Exception">The body's exception. The generator has ended.</exception>
    public ValueTask<GeneratorStep<TOut, TResult>> NextAsync() => _run.NextAsync();

    /// <summary>Goes on from the body's yield, which evaluates to the sent value (PEP 342, <c>send</c>).</summary>
    /// <remarks>Complete on return unless the body awaits something that is not.</remarks>
    /// <param name="value">The value to send in.</param>
    /// <returns>What the body yields or returns; an ended step if it had ended before, and the value is dropped.</returns>
    /// <exception cref="InvalidOperationException">
    /// The generator has not been started, so that no yield could take the value, or it is already running;
    /// nothing was changed.
    /// </exception>
    /// <exception cref="InsufficientExecutionStackException">Delegation is nested too deep; nothing was changed.</exception>
    /// <exception cref="Exception">The body's exception. The generator has ended.</exception>
    public ValueTask<GeneratorStep<TOut, TResult>> SendAsync(TIn value) => _run.SendAsync(value);

    /// <summary>Raises an exception at the yield where the body waits (PEP 342, <c>throw</c>).</summary>
    /// <remarks>
    /// Complete on return unless the body awaits something that is not. The body may catch it and yield or
    /// return. Before the start it ends the generator, and nothing of the body runs.
    /// </remarks>
    /// <param name="exception">The exception to raise.</param>
    /// <returns>What the body yields or returns after catching it.</returns>
    /// <exception cref="InvalidOperationException">The generator is already running; nothing was changed.</exception>
    /// <exception cref="InsufficientExecutionStackException">Delegation is nested too deep; nothing was changed.</exception>
    /// <exception cref="Exception">
    /// The given exception when the body does not catch it, was not started or had ended; or another one
    /// that the body throws. The generator has ended.
    /// </exception>
    public ValueTask<GeneratorStep<TOut, TResult>> ThrowAsync(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return _run.ThrowAsync(exception);
    }

    /// <summary>
    /// Ends the generator: raises <see cref="GeneratorClosedException"/> at the yield where the body waits,
    /// so that its finally blocks run (PEP 342, <c>close</c>; the return value is as in Python 3.13).
    /// </summary>
    /// <remarks>
    /// Blocks until the body has ended, awaits in its finally blocks included. Before the start, nothing of
    /// the body runs. Closing again does nothing.
    /// </remarks>
    /// <returns>
    /// An ended step; or the return value, if the body caught the close and returned one.
    /// </returns>
    /// <exception cref="InvalidOperationException">
    /// The generator is running, and nothing was changed; or the body yielded again instead of ending. The
    /// value of that yield is dropped, the body waits there, and a second close tries again.
    /// </exception>
    /// <exception cref="InsufficientExecutionStackException">Delegation is nested too deep; nothing was changed.</exception>
    /// <exception cref="Exception">What the body throws while it is closed. The generator has ended.</exception>
    public ValueTask<GeneratorStep<TOut, TResult>> CloseAsync() => _run.CloseAsync();

    /// <summary>Closes the generator as <see cref="CloseAsync"/> does, and drops what the body returns.</summary>
    /// <returns>A task that ends when the body has ended.</returns>
    /// <exception cref="InvalidOperationException">As for <see cref="CloseAsync"/>.</exception>
    public async ValueTask DisposeAsync() => await _run.CloseAsync();
}
