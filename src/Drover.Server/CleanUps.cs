using System.Runtime.ExceptionServices;

namespace Drover.Server;

/// <summary>What has to be undone at the end: the last that was added first, and each whatever becomes of the others.</summary>
internal sealed class CleanUps : IAsyncDisposable
{
    private readonly Stack<Func<ValueTask>> _steps = new();

    /// <summary>Adds a step, to be done before those that were added earlier.</summary>
    internal void Add(Func<ValueTask> step) => _steps.Push(step);

    /// <summary>Adds something to dispose of.</summary>
    internal void Add(IDisposable thing) => Add(() =>
    {
        thing.Dispose();
        return ValueTask.CompletedTask;
    });

    /// <summary>Begins something; when that fails, nothing is left of it.</summary>
    internal static async Task<T> AllOrNothingAsync<T>(T thing, Func<Task> begin)
        where T : IAsyncDisposable
    {
        try
        {
            await begin();
            return thing;
        }
        catch (Exception e)
        {
            var cause = ExceptionDispatchInfo.Capture(e);
            try
            {
                await thing.DisposeAsync();
            }
            finally
            {
                cause.Throw(); // What prevented the start matters, not what followed from it.
            }

            throw;
        }
    }

    /// <summary>Does every step that is left. Throws the first error at the end.</summary>
    public async ValueTask DisposeAsync()
    {
        ExceptionDispatchInfo? first = null;
        while (_steps.TryPop(out Func<ValueTask>? step))
        {
            try
            {
                await step();
            }
            catch (Exception e) // Whatever it is, the steps that are left are done: the database is closed, the lock given back.
            {
                first ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        first?.Throw();
    }
}
