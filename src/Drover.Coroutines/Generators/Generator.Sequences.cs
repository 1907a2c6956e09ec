using System.Runtime.CompilerServices;

namespace Drover.Coroutines;

/// <summary>Makes generators from sequences and sequences from generators.</summary>
public static class Generator
{
    /// <summary>A generator that yields the elements of a sequence.</summary>
    /// <remarks>
    /// It takes and returns nothing (<see cref="ValueTuple"/>): drive it with next. A thrown exception or a
    /// close disposes the enumerator. Never blocks by itself; the sequence's own code runs in the driver.
    /// </remarks>
    /// <typeparam name="T">The type of the elements.</typeparam>
    /// <param name="values">The sequence; enumerated once, from the first step on.</param>
    /// <returns>A generator that has not been started.</returns>
    public static Generator<T, ValueTuple, ValueTuple> From<T>(IEnumerable<T> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(async y =>
        {
            await y.DelegateAsync(values);
            return default;
        });
    }

    /// <summary>A generator that yields the elements of an asynchronous sequence.</summary>
    /// <remarks>As for a plain sequence; disposing the enumerator is awaited.</remarks>
    /// <typeparam name="T">The type of the elements.</typeparam>
    /// <param name="values">The sequence; enumerated once, from the first step on.</param>
    /// <returns>A generator that has not been started.</returns>
    public static Generator<T, ValueTuple, ValueTuple> From<T>(IAsyncEnumerable<T> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(async y =>
        {
            await y.DelegateAsync(values);
            return default;
        });
    }

    /// <summary>The values that a generator yields from where it stands, as an asynchronous sequence.</summary>
    /// <remarks>
    /// Each step is a next; the return value is dropped. Disposing the enumerator, as <c>await foreach</c>
    /// does, closes the generator and awaits its finally blocks, so it can be enumerated once.
    /// </remarks>
    /// <typeparam name="TOut">The type of yielded values.</typeparam>
    /// <typeparam name="TIn">The type that the generator takes; its default is sent.</typeparam>
    /// <typeparam name="TResult">The type of the return value.</typeparam>
    /// <param name="generator">The generator to drive.</param>
    /// <param name="cancellationToken">Looked at before each step; a step under way is not interrupted.</param>
    /// <returns>The sequence.</returns>
    /// <exception cref="InvalidOperationException">While enumerating: the generator is already running.</exception>
    /// <exception cref="OperationCanceledException">While enumerating: the token was canceled.</exception>
    /// <exception cref="Exception">While enumerating: the body's exception.</exception>
    public static async IAsyncEnumerable<TOut> ToAsyncEnumerable<TOut, TIn, TResult>(
        this Generator<TOut, TIn, TResult> generator,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(generator);
        await using (generator)
        {
            cancellationToken.ThrowIfCancellationRequested();
            while ((await generator.NextAsync()).TryGetYielded(out TOut? value))
            {
                yield return value;
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>The values that a generator yields from where it stands, as a synchronous sequence.</summary>
    /// <remarks>
    /// For bodies that await nothing but yields and what is complete already; never blocks the thread. Each
    /// step is a next; the return value is dropped. Disposing the enumerator, as <c>foreach</c> does, closes
    /// the generator, so it can be enumerated once.
    /// </remarks>
    /// <typeparam name="TOut">The type of yielded values.</typeparam>
    /// <typeparam name="TIn">The type that the generator takes; its default is sent.</typeparam>
    /// <typeparam name="TResult">The type of the return value.</typeparam>
    /// <param name="generator">The generator to drive.</param>
    /// <returns>The sequence.</returns>
    /// <exception cref="InvalidOperationException">
    /// While enumerating: the generator is already running, or its body awaits something that is not complete.
    /// In the latter case the body goes on to its next yield by itself, and has to be closed from there.
    /// </exception>
    /// <exception cref="Exception">While enumerating: the body's exception.</exception>
    public static IEnumerable<TOut> ToEnumerable<TOut, TIn, TResult>(this Generator<TOut, TIn, TResult> generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return Enumerate(generator);
    }

    private static IEnumerable<TOut> Enumerate<TOut, TIn, TResult>(Generator<TOut, TIn, TResult> generator)
    {
        bool waiting = false;
        try
        {
            while (true)
            {
                ValueTask<GeneratorStep<TOut, TResult>> next = generator.NextAsync();
                waiting = !next.IsCompleted;
                if (!TakeCompleted(next).TryGetYielded(out TOut? value))
                {
                    yield break;
                }

                yield return value;
            }
        }
        finally
        {
            // A body that waits elsewhere is running, and cannot be closed.
            if (!waiting)
            {
                TakeCompleted(generator.CloseAsync());
            }
        }
    }

    private static GeneratorStep<TOut, TResult> TakeCompleted<TOut, TResult>(
        ValueTask<GeneratorStep<TOut, TResult>> step)
    {
        if (step.IsCompleted)
        {
            return step.Result;
        }

        // Takes the step when it comes, so that the generator can be closed then.
        _ = step.AsTask();
        throw new InvalidOperationException(
            "The generator's body awaits something that is not complete, and a synchronous sequence cannot wait: "
            + "use ToAsyncEnumerable with await foreach.");
    }
}
