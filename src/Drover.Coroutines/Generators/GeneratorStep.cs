using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Drover.Coroutines;

/// <summary>
/// What driving a generator brought: a yielded value, the body's return value, or nothing because the
/// generator has ended. The default value is an ended step.
/// </summary>
/// <remarks>
/// Python tells a return apart from a yield by raising StopIteration (PEP 380). Here every ending that is
/// no error is a value, so a loop needs no handler:
/// <code>while ((await lines.NextAsync()).TryGetYielded(out string? line)) { … }</code>
/// </remarks>
/// <typeparam name="TOut">The type of yielded values.</typeparam>
/// <typeparam name="TResult">The type of the return value.</typeparam>
public readonly record struct GeneratorStep<TOut, TResult>
{
    private readonly TOut? _yielded;
    private readonly TResult? _returned;

    private GeneratorStep(GeneratorStepKind kind, TOut? yielded, TResult? returned)
    {
        Kind = kind;
        _yielded = yielded;
        _returned = returned;
    }

    /// <summary>Which of the three this step is.</summary>
    public GeneratorStepKind Kind { get; }

    /// <summary>The yielded value.</summary>
    /// <exception cref="InvalidOperationException">The step is not <see cref="GeneratorStepKind.Yielded"/>.</exception>
    public TOut Yielded => Kind == GeneratorStepKind.Yielded ? _yielded! : throw Wrong(GeneratorStepKind.Yielded);

    /// <summary>The body's return value.</summary>
    /// <exception cref="InvalidOperationException">The step is not <see cref="GeneratorStepKind.Returned"/>.</exception>
    public TResult Returned => Kind == GeneratorStepKind.Returned ? _returned! : throw Wrong(GeneratorStepKind.Returned);

    /// <summary>Gets the yielded value, if this step has one.</summary>
    /// <param name="yielded">The yielded value, or the default.</param>
    /// <returns>Whether the step is <see cref="GeneratorStepKind.Yielded"/>.</returns>
    public bool TryGetYielded([MaybeNullWhen(false)] out TOut yielded)
    {
        yielded = _yielded;
        return Kind == GeneratorStepKind.Yielded;
    }

    /// <summary>Gets the body's return value, if this step has one.</summary>
    /// <param name="returned">The return value, or the default.</param>
    /// <returns>Whether the step is <see cref="GeneratorStepKind.Returned"/>.</returns>
    public bool TryGetReturned([MaybeNullWhen(false)] out TResult returned)
    {
        returned = _returned;
        return Kind == GeneratorStepKind.Returned;
    }

    /// <summary>Takes the step apart, for positional patterns.</summary>
    /// <param name="kind">Which of the three it is.</param>
    /// <param name="yielded">The yielded value, or the default.</param>
    /// <param name="returned">The return value, or the default.</param>
    public void Deconstruct(out GeneratorStepKind kind, out TOut? yielded, out TResult? returned)
        => (kind, yielded, returned) = (Kind, _yielded, _returned);

    /// <summary>The step in words, such as <c>Yielded(3)</c>.</summary>
    /// <returns>The kind and the value it carries.</returns>
    public override string ToString() => Kind switch
    {
        GeneratorStepKind.Yielded => $"Yielded({_yielded})",
        GeneratorStepKind.Returned => $"Returned({_returned})",
        GeneratorStepKind.Ended => "Ended",
        _ => throw new UnreachableException(),
    };

    internal static GeneratorStep<TOut, TResult> OfYielded(TOut value)
        => new(GeneratorStepKind.Yielded, value, default);

    internal static GeneratorStep<TOut, TResult> OfReturned(TResult value)
        => new(GeneratorStepKind.Returned, default, value);

    private InvalidOperationException Wrong(GeneratorStepKind asked)
        => new($"The generator's step is {this}, not {asked}. Look at Kind first, or use TryGet{asked}.");
}
