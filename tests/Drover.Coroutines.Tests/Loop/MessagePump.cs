using System.Collections.Concurrent;

namespace Drover.Coroutines.Tests.Loop;

/// <summary>A host's loop, as a user interface has one: a thread that takes messages from a queue until it is told to end.</summary>
internal sealed class MessagePump : IDisposable
{
    private readonly BlockingCollection<Action> _messages = [];
    private readonly Thread _thread;
    private Exception? _error;

    internal MessagePump()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "host" };
        _thread.UnsafeStart();
    }

    internal int ThreadId => _thread.ManagedThreadId;

    internal int Handled { get; private set; }

    internal void Post(Action message) => _messages.Add(message);

    /// <summary>Runs <paramref name="call"/> as a message and waits for it.</summary>
    internal async Task<T> CallAsync<T>(Func<T> call)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                done.SetResult(call());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return await Loops.Within(done.Task);
    }

    public void Dispose()
    {
        _messages.CompleteAdding();
        Assert.True(_thread.Join(TimeSpan.FromSeconds(20)), "The host hangs.");
        Assert.Null(_error);
        _messages.Dispose();
    }

    private void Run()
    {
        SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
        try
        {
            foreach (Action message in _messages.GetConsumingEnumerable())
            {
                message();
                Handled++;
                Assert.IsType<SynchronizationContext>(SynchronizationContext.Current, exactMatch: true);
            }
        }
        catch (Exception e)
        {
            _error = e;
        }
    }
}
