using Drover.Server.Storage;

namespace Drover.Simulation.Tests;

/// <summary>What happens to a job, when it matters most what else happens.</summary>
internal enum Moment
{
    /// <summary>It is accepted.</summary>
    Submit,

    /// <summary>It has its place, and is about to be sent.</summary>
    Dispatch,

    /// <summary>Its process starts.</summary>
    Start,

    /// <summary>Its process ends.</summary>
    End,

    /// <summary>Its end is recorded.</summary>
    Settle,

    /// <summary>The end of an attempt is recorded, and that another one follows.</summary>
    Retry,

    /// <summary>Somebody has asked to cancel it.</summary>
    Cancel,

    /// <summary>Somebody changes what it asks for.</summary>
    Alter,

    /// <summary>Its files are to go.</summary>
    Purge,
}

/// <summary>
/// Tells of moments to those who wait for one. What goes to disk has two: when it is about to be stored, and when it is.
/// </summary>
internal sealed class Moments
{
    private readonly List<Waiter> _waiters = [];
    private bool _isOver;

    /// <summary>Calls back once, when it has come so many times.</summary>
    internal void Await(Moment moment, bool isStored, int times, Action<JobId> then)
    {
        if (!_isOver)
        {
            _waiters.Add(new Waiter(moment, isStored, then) { Left = times });
        }
    }

    /// <summary>From now on nobody waits for anything.</summary>
    internal void Close()
    {
        _isOver = true;
        _waiters.Clear();
    }

    /// <summary>It has come, for this job.</summary>
    internal void Tell(Moment moment, JobId job, bool isStored = true)
    {
        if (_waiters.Count == 0)
        {
            return;
        }

        foreach (Waiter waiter in _waiters.Where(waiter => waiter.Moment == moment && waiter.IsStored == isStored && --waiter.Left == 0).ToArray())
        {
            _waiters.Remove(waiter);
            waiter.Then(job);
        }
    }

    /// <summary>These changes are about to be stored, or are stored.</summary>
    internal void Tell(IReadOnlyList<Change> changes, bool isStored)
    {
        if (_waiters.Count == 0)
        {
            return;
        }

        foreach (Change change in changes)
        {
            switch (change)
            {
                case Change.JobSubmitted submitted:
                    Tell(Moment.Submit, submitted.Job.Id, isStored);
                    break;
                case Change.JobMoved { To: JobState.Starting, From: JobState.Queued } moved:
                    Tell(Moment.Dispatch, moved.Attempt.Job, isStored);
                    break;
                case Change.JobMoved { To: JobState.Ended } moved:
                    Tell(Moment.Settle, moved.Attempt.Job, isStored);
                    break;
                case Change.JobRetried retried:
                    Tell(Moment.Retry, retried.Attempt.Job, isStored);
                    break;
                case Change.CancelRequested canceled:
                    Tell(Moment.Cancel, canceled.Job, isStored);
                    break;
                case Change.JobAltered altered:
                    Tell(Moment.Alter, altered.Job, isStored);
                    break;
                case Change.PurgeBegun purge:
                    Tell(Moment.Purge, purge.Job, isStored);
                    break;
            }
        }
    }

    private sealed record Waiter(Moment Moment, bool IsStored, Action<JobId> Then)
    {
        internal int Left { get; set; }
    }
}
