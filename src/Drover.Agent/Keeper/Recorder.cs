using Drover.Agent.Keeper.Records;

namespace Drover.Agent.Keeper;

/// <summary>
/// Appends facts to the journal that need not be there before something else happens: in order, as many at once as have
/// gathered, and again and again while the disk is full. On the loop's thread.
/// </summary>
internal sealed class Recorder(Journal journal, Action<string> log)
{
    /// <summary>How long facts that nobody waits for may gather: each write wakes a thread, which costs more than the write.</summary>
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private readonly Event _hasFacts = new("facts to record");
    private readonly Event _isUrgent = new("facts that somebody waits for");
    private List<(JournalFact Fact, Action? Recorded)> _waiting = [];
    private bool _isWriting;
    private bool _hasFailed;

    /// <summary>Whether everything is in the journal.</summary>
    internal bool IsDone => _waiting.Count == 0 && !_isWriting;

    /// <summary>Appends a fact soon. Does not block.</summary>
    /// <param name="fact">The fact.</param>
    /// <param name="recorded">Called when it is in the journal, or when it was tried once: nobody is to wait for a full disk.</param>
    internal void Add(JournalFact fact, Action? recorded = null)
    {
        _waiting.Add((fact, recorded));
        _hasFacts.Set();
        if (recorded is not null)
        {
            _isUrgent.Set();
        }
    }

    /// <summary>Writes what comes, until the scope is canceled.</summary>
    internal async Task RunAsync()
    {
        while (true)
        {
            await _hasFacts.WaitAsync();
            if (_waiting.TrueForAll(static entry => entry.Recorded is null))
            {
                await CancelScope.MoveOnAfterAsync(s_gather, () => _isUrgent.WaitAsync("facts that somebody waits for").AsTask());
            }

            _hasFacts.Reset();
            _isUrgent.Reset();
            List<(JournalFact Fact, Action? Recorded)> batch = _waiting;
            _waiting = [];
            _isWriting = true;
            IOException? failure = await Blocking.RunAsync(() => TryAppend(batch.ConvertAll(entry => entry.Fact)), situation: "write the journal");
            _isWriting = false;
            batch.ForEach(static entry => entry.Recorded?.Invoke());
            TellOnce(failure);
            if (failure is not null)
            {
                _waiting.InsertRange(0, batch.ConvertAll(static entry => (entry.Fact, (Action?)null)));
                await Coroutine.SleepAsync(s_pause, "room on the disk");
                _hasFacts.Set();
            }
        }
    }

    /// <summary>Not at each try: the log is on the same disk.</summary>
    private void TellOnce(IOException? failure)
    {
        if (failure is not null && !_hasFailed)
        {
            log($"{failure.Message} It is tried again every second.");
        }
        else if (failure is null && _hasFailed)
        {
            log("The journal can be written again.");
        }

        _hasFailed = failure is not null;
    }

    private IOException? TryAppend(List<JournalFact> facts)
    {
        try
        {
            journal.Append(facts);
            return null;
        }
        catch (IOException e)
        {
            return e;
        }
    }
}
