namespace Drover.Coroutines;

/// <summary>
/// The body's side of a <see cref="Generator{TOut,TIn,TResult}"/>: gives values out and takes what the
/// driver sends. It belongs to one generator and is of use only while that generator's body runs.
/// </summary>
/// <typeparam name="TOut">The type of yielded values.</typeparam>
/// <typeparam name="TIn">The type of values that the driver sends.</typeparam>
public sealed class Yielder<TOut, TIn>
{
    private readonly YieldPoint<TOut, TIn> _point;

    internal Yielder(YieldPoint<TOut, TIn> point) => _point = point;

    /// <summary>
    /// Gives a value to the driver and waits for its next verb (the <c>yield</c> expression of PEP 342).
    /// </summary>
    /// <remarks>
    /// The value goes out when the returned task is awaited. The wait ends in the driver's call, on the
    /// driver's thread and in its synchronization context, whatever <c>ConfigureAwait</c> says. It cannot
    /// be canceled by itself: closing the generator ends it. Allocates nothing.
    /// </remarks>
    /// <param name="value">The value to give out.</param>
    /// <returns>What the driver sends, or the default when it asks for the next step without sending.</returns>
    /// <exception cref="GeneratorClosedException">The generator is being closed. Let it pass.</exception>
    /// <exception cref="InvalidOperationException">
    /// An earlier yield of this body still waits or was never awaited, or the body does not run.
    /// </exception>
    /// <exception cref="Exception">The exception that the driver throws in.</exception>
    public ValueTask<TIn> YieldAsync(TOut value) => _point.BeginAsync(value);

    /// <summary>
    /// Hands the driver through to another generator until that one ends (<c>yield from</c> of PEP 380):
    /// its values go out, sent values and thrown exceptions go in, and closing closes it first.
    /// </summary>
    /// <remarks>
    /// Blocks the body until the inner generator has ended. An inner generator that was already started
    /// goes on from its yield. Each level of nested delegation takes some 1 kB of stack per step; a chain too
    /// deep for the stack (about 1,400 levels in 1.5 MB) fails with an
    /// <see cref="InsufficientExecutionStackException"/>.
    /// </remarks>
    /// <typeparam name="TInner">The type of the inner generator's return value.</typeparam>
    /// <param name="inner">
    /// The generator to drive. It has ended when this returns or throws, unless it could not be driven.
    /// </param>
    /// <returns>The return value of the inner generator's body.</returns>
    /// <exception cref="GeneratorClosedException">
    /// The outer generator is being closed; the inner one has been closed already.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The inner generator is running, had ended before, or yields while it is being closed.
    /// </exception>
    /// <exception cref="Exception">The exception that the inner body throws.</exception>
    public ValueTask<TInner> DelegateAsync<TInner>(Generator<TOut, TIn, TInner> inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        return DriverSideWait<TInner>.ForAsync(DriveAsync(inner));
    }

    /// <summary>Yields every element of a sequence (<c>yield from</c> of PEP 380 over a plain iterator).</summary>
    /// <remarks>
    /// Blocks the body until the sequence ends. A sequence takes no input: sent values are dropped, and a
    /// thrown exception or a close disposes the enumerator and comes out here.
    /// </remarks>
    /// <param name="values">The sequence; enumerated once.</param>
    /// <returns>A task that ends with the sequence.</returns>
    /// <exception cref="GeneratorClosedException">The generator is being closed.</exception>
    /// <exception cref="Exception">What the sequence or the driver throws.</exception>
    public ValueTask DelegateAsync(IEnumerable<TOut> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return DriverSideWait<ValueTuple>.ForEndAsync(YieldAllAsync(values));
    }

    /// <summary>Yields every element of an asynchronous sequence.</summary>
    /// <remarks>
    /// As for a plain sequence. Disposing the enumerator is awaited. A sequence that can be canceled has to
    /// carry its token: none is passed to it here.
    /// </remarks>
    /// <param name="values">The sequence; enumerated once.</param>
    /// <returns>A task that ends with the sequence.</returns>
    /// <exception cref="GeneratorClosedException">The generator is being closed.</exception>
    /// <exception cref="Exception">What the sequence or the driver throws.</exception>
    public ValueTask DelegateAsync(IAsyncEnumerable<TOut> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return DriverSideWait<ValueTuple>.ForEndAsync(YieldAllAsync(values));
    }

    /// <summary>The expansion of <c>yield from</c> that PEP 380 gives.</summary>
    private async Task<TInner> DriveAsync<TInner>(Generator<TOut, TIn, TInner> inner)
    {
        GeneratorStep<TOut, TInner> step = await inner.NextAsync();
        while (step.TryGetYielded(out TOut? value))
        {
            TIn sent;
            try
            {
                sent = await YieldAsync(value);
            }
            catch (GeneratorClosedException)
            {
                await inner.CloseAsync();
                throw;
            }
            catch (Exception thrown)
            {
                step = await inner.ThrowAsync(thrown);
                continue;
            }

            step = await inner.SendAsync(sent);
        }

        return step.TryGetReturned(out TInner? result)
            ? result
            : throw new InvalidOperationException(
                "The generator to delegate to had ended before, so it has no return value to give: delegate to a new one.");
    }

    private async Task<ValueTuple> YieldAllAsync(IEnumerable<TOut> values)
    {
        foreach (TOut value in values)
        {
            await YieldAsync(value);
        }

        return default;
    }

    private async Task<ValueTuple> YieldAllAsync(IAsyncEnumerable<TOut> values)
    {
        await foreach (TOut value in values)
        {
            await YieldAsync(value);
        }

        return default;
    }
}
