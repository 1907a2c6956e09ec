using Drover.Server.Storage;
using Drover.Server.Supervision;

namespace Drover.Server.Api.Events;

/// <summary>One stream of events: what it watches, and how far it has come.</summary>
/// <param name="hub">Where it watches.</param>
/// <param name="gate">The hub's lock.</param>
/// <param name="caller">Who watches.</param>
/// <param name="user">Whose jobs; null for everybody's.</param>
/// <param name="job">Only this job; null for all.</param>
internal sealed class EventWatch(EventHub hub, Lock gate, string caller, string? user, JobId? job) : IDisposable
{
    private const int MostProgress = 100;

    private Dictionary<JobId, ProgressOfJob>? _progress;
    private TaskCompletionSource? _waiting;
    private bool _isWoken;
    private bool _isBeat;

    internal string Caller => caller;

    internal string? User => user;

    internal JobId? Job => job;

    /// <summary>The last event that it has had, or that does not concern it.</summary>
    internal long Position { get; set; }

    /// <summary>Whether it has seen the end of a job.</summary>
    internal bool HasSeenEnd { get; private set; }

    /// <summary>Whether an event is for it.</summary>
    internal bool Concerns(JobEventRow row) => job is { } only ? row.Job == only : user is null || row.User == user;

    /// <summary>It has had these events, and there are no others for it up to this position.</summary>
    internal void Take(IReadOnlyList<JobEventRow> rows, long position)
    {
        Position = position;
        HasSeenEnd = HasSeenEnd || rows.Any(row => row.State.IsOver());
    }

    /// <summary>Waits until there may be something, and says what came beside the audit trail.</summary>
    internal async Task<IReadOnlyList<byte[]>> WaitAsync(CancellationToken gone)
    {
        Task waiting;
        lock (gate)
        {
            if (!_isWoken)
            {
                _waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            waiting = _waiting?.Task ?? Task.CompletedTask;
        }

        await waiting.WaitAsync(gone);
        lock (gate)
        {
            (bool isBeat, ProgressOfJob[] progress) = (_isBeat, _progress?.Values.ToArray() ?? []);
            (_waiting, _isWoken, _isBeat, _progress) = (null, false, false, null);
            return progress.Length > 0 ? [.. progress.Select(one => EventFrame.Of("progress", null, one, ProtocolJson.Default.ProgressOfJob))]
                : isBeat ? [EventFrame.Heartbeat]
                : [];
        }
    }

    /// <summary>There is something for it. In the lock, as what follows.</summary>
    internal void Wake()
    {
        _isWoken = true;
        _waiting?.TrySetResult();
    }

    /// <summary>It has been silent for a while.</summary>
    internal void Beat()
    {
        _isBeat = true;
        Wake();
    }

    /// <summary>A later word replaces an earlier one that was not sent; of very many jobs some are left out, and say it again.</summary>
    internal void Progressed(ProgressOfJob progress)
    {
        _progress ??= [];
        if (_progress.Count < MostProgress || _progress.ContainsKey(progress.Job))
        {
            _progress[progress.Job] = progress;
        }

        Wake();
    }

    public void Dispose() => hub.Leave(this);
}
