using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Drover.Coroutines;

/// <summary>The one run of a generator's body, and the hand-over between it and its driver.</summary>
/// <remarks>
/// Whoever moves the state to running owns everything else here, and gives it up only when the driver has
/// taken the step. A body that has yielded therefore still counts as running until then: nobody else can
/// resume it, nor reuse the wait that carries the step.
/// </remarks>
internal sealed class BodyRun<TOut, TIn, TResult>
{
    private readonly Func<Yielder<TOut, TIn>, Task<TResult>> _body;
    private readonly YieldPoint<TOut, TIn> _yield;
    private readonly StepSource<GeneratorStep<TOut, TResult>> _step;
    private volatile GeneratorState _state;
    private volatile GeneratorState _stateOfBody;
    private bool _closing;
    private Exception? _undelivered;

    public BodyRun(Func<Yielder<TOut, TIn>, Task<TResult>> body)
    {
        _body = body;
        _yield = new YieldPoint<TOut, TIn>(OnYielded);
        _step = new StepSource<GeneratorStep<TOut, TResult>>(OnTaken);
    }

    public GeneratorState State => _state;

    public ValueTask<GeneratorStep<TOut, TResult>> NextAsync() => Enter() switch
    {
        GeneratorState.Created => StartAsync(),
        GeneratorState.Suspended => ResumeAsync(default!),
        GeneratorState.Ended => AfterEndAsync(),
        _ => throw new UnreachableException(),
    };

    public ValueTask<GeneratorStep<TOut, TResult>> SendAsync(TIn value)
    {
        if (_state == GeneratorState.Created)
        {
            throw new InvalidOperationException(
                "The generator has not been started, so no yield waits for a value: call NextAsync first.");
        }

        return Enter() == GeneratorState.Suspended ? ResumeAsync(value) : AfterEndAsync();
    }

    public ValueTask<GeneratorStep<TOut, TResult>> ThrowAsync(Exception exception)
    {
        if (Enter() == GeneratorState.Suspended)
        {
            return RaiseAsync(exception);
        }

        _state = GeneratorState.Ended;
        return ValueTask.FromException<GeneratorStep<TOut, TResult>>(exception);
    }

    public ValueTask<GeneratorStep<TOut, TResult>> CloseAsync()
    {
        if (Enter() == GeneratorState.Suspended)
        {
            _closing = true;
            return RaiseAsync(new GeneratorClosedException());
        }

        _state = GeneratorState.Ended;
        return AfterEndAsync();
    }

    /// <summary>Makes the caller the only driver, unless the generator has ended.</summary>
    /// <returns>The state before.</returns>
    private GeneratorState Enter()
    {
        // Nested delegation recurses through here; an overflow would end the process.
        RuntimeHelpers.EnsureSufficientExecutionStack();
        GeneratorState before = _state;
        bool entered = before == GeneratorState.Ended
            || (before != GeneratorState.Running
                && Interlocked.CompareExchange(ref _state, GeneratorState.Running, before) == before);
        return entered
            ? before
            : throw new InvalidOperationException(
                "The generator is already running: await the step under way before asking for another.");
    }

    private ValueTask<GeneratorStep<TOut, TResult>> StartAsync()
    {
        Begin();
        Task<TResult> body;
        try
        {
            body = _body(new Yielder<TOut, TIn>(_yield));
        }
        catch (Exception failure)
        {
            body = Task.FromException<TResult>(failure);
        }

        body.WhenEnded(static (ended, run) => ((BodyRun<TOut, TIn, TResult>)run!).OnEnded(ended), this);
        return _step.HandOutAsync();
    }

    private ValueTask<GeneratorStep<TOut, TResult>> ResumeAsync(TIn value)
    {
        Begin();
        _yield.Resume(value);
        return _step.HandOutAsync();
    }

    private ValueTask<GeneratorStep<TOut, TResult>> RaiseAsync(Exception exception)
    {
        Begin();
        _yield.Raise(exception);
        return _step.HandOutAsync();
    }

    private ValueTask<GeneratorStep<TOut, TResult>> AfterEndAsync()
        => Interlocked.Exchange(ref _undelivered, null) is { } failure
            ? ValueTask.FromException<GeneratorStep<TOut, TResult>>(failure)
            : default;

    private void Begin()
    {
        _stateOfBody = GeneratorState.Running;
        _step.Begin();
    }

    private void OnTaken() => _state = _stateOfBody;

    private void OnYielded(TOut value)
    {
        if (_stateOfBody != GeneratorState.Running)
        {
            // A yield that the body forgot: it was told so when it ended.
            return;
        }

        _stateOfBody = GeneratorState.Suspended;

        // The step comes last: completing it may run the driver, and the driver this body, before it returns.
        if (_closing)
        {
            _closing = false;
            _step.Fail(new InvalidOperationException(
                "The generator's body yielded while it was being closed: let GeneratorClosedException pass, or return."));
        }
        else
        {
            _step.Complete(GeneratorStep<TOut, TResult>.OfYielded(value));
        }
    }

    private void OnEnded(Task<TResult> body)
    {
        GeneratorStep<TOut, TResult> last = default;
        Exception? failure = null;
        try
        {
            last = GeneratorStep<TOut, TResult>.OfReturned(body.GetAwaiter().GetResult());
        }
        catch (GeneratorClosedException) when (_closing)
        {
        }
        catch (Exception thrown)
        {
            failure = thrown;
        }

        if (_yield.End())
        {
            failure = new InvalidOperationException(
                "The generator's body ended while one of its yields still waited: await every YieldAsync.", failure);
        }

        bool stepGiven = _stateOfBody == GeneratorState.Suspended;
        _stateOfBody = GeneratorState.Ended;
        if (stepGiven)
        {
            // The driver has, or is about to take, the step of the forgotten yield: its next verb is told.
            _undelivered = failure;
            Interlocked.CompareExchange(ref _state, GeneratorState.Ended, GeneratorState.Suspended);
        }
        else if (failure is not null)
        {
            _step.Fail(failure);
        }
        else
        {
            _step.Complete(last);
        }
    }
}
