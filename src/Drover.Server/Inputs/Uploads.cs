namespace Drover.Server.Inputs;

/// <summary>
/// The uploads that run: one for each content of a user. A new one takes over from one that runs, which as a rule is that
/// of a connection whose break the server has not noticed yet. Any thread.
/// </summary>
internal sealed class Uploads
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Turn> _turns = new(StringComparer.Ordinal);

    /// <summary>Ends the upload to this file that runs, if one does, and waits for its end. Dispose the result to make room.</summary>
    internal async Task<Turn> TakeOverAsync(string file, CancellationToken cancellation)
    {
        while (true)
        {
            Task previous;
            lock (_lock)
            {
                if (!_turns.TryGetValue(file, out Turn? other))
                {
                    return _turns[file] = new Turn(this, file);
                }

                previous = other.YieldAsync();
            }

            await previous.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The right to write a file when no upload to it runs; null when one does. Those that come wait until it is disposed.</summary>
    internal Turn? TryTake(string file)
    {
        lock (_lock)
        {
            return _turns.ContainsKey(file) ? null : _turns[file] = new Turn(this, file);
        }
    }

    /// <summary>The right to write a file.</summary>
    internal sealed class Turn(Uploads uploads, string file) : IDisposable
    {
        private readonly CancellationTokenSource _wanted = new();
        private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Canceled when another one takes over.</summary>
        internal CancellationToken Wanted => _wanted.Token;

        public void Dispose()
        {
            lock (uploads._lock)
            {
                uploads._turns.Remove(file);
                _wanted.Dispose();
            }

            _over.SetResult();
        }

        /// <summary>Under the lock, so that it is not disposed yet.</summary>
        internal Task YieldAsync()
        {
            _ = _wanted.CancelAsync(); // Its callbacks run elsewhere.
            return _over.Task;
        }
    }
}
