namespace Drover.Server.Supervision;

/// <summary>
/// The run directories that jobs share by name: one job at a time, in the order of submission. Most jobs have one of their
/// own, which costs nothing here. Belongs to the supervision loop.
/// </summary>
internal sealed class RunDirectories
{
    private readonly Dictionary<(string User, string Name), Line> _lines = [];

    /// <summary>How many are in use, or waited for.</summary>
    internal int Used => _lines.Count;

    /// <summary>Whether a job waits for one that nobody uses, and has not been woken: never, between two steps of the loop.</summary>
    internal bool KeepsOneWaitingForNothing =>
        _lines.Values.Any(static line => line is { Holder: null, Waiting.Count: > 0 } && line.Waiting.GetValueAtIndex(0).Turn is { IsSet: false, Waiting: > 0 });

    /// <summary>
    /// Has the job stand in line from now on, before all that were submitted later: whichever of several jobs asks first
    /// for the directory, the order is that of their submission. Again: does nothing.
    /// </summary>
    internal void Enter(LiveJob job)
    {
        if (job.Info.Spec.RunDirectory is not null && Find(job) is var line && line.Holder != job && !line.Waiting.ContainsKey(job.Id))
        {
            line.Waiting.Add(job.Id, new Waiter(job));
        }
    }

    /// <summary>Waits until no job that came before uses the run directory, and takes it.</summary>
    /// <exception cref="ScopeCanceledException">The scope is canceled; nothing is taken, and the job is not in line any more.</exception>
    internal async Task<IDisposable?> AcquireAsync(LiveJob job)
    {
        if (job.Info.Spec.RunDirectory is not { } name)
        {
            return null;
        }

        Enter(job);
        Line line = Find(job);
        job.WaitsFor(() => $"waiting for run directory '{name}', "
            + (line.Holder is { } holder ? $"which job {holder.Id} uses" : $"behind job {line.Waiting.GetKeyAtIndex(0)}"));
        try
        {
            while (!TryTake(line, job))
            {
                await line.Waiting[job.Id].Turn.WaitAsync($"run directory '{name}'");
            }
        }
        catch
        {
            Leave(job);
            throw;
        }
        finally
        {
            job.WaitsFor(null);
        }

        return new Use(this, line, job);
    }

    /// <summary>Takes it for a job that runs in it already: the first thing after a restart, when nobody else has it.</summary>
    internal IDisposable? TakeForRunning(LiveJob job)
    {
        if (job.Info.Spec.RunDirectory is null || Find(job) is not { Holder: null } line)
        {
            return null;
        }

        line.Waiting.Remove(job.Id);
        line.Holder = job;
        return new Use(this, line, job);
    }

    /// <summary>The job needs it no more, or never got it. Again: does nothing.</summary>
    internal void Leave(LiveJob job)
    {
        if (job.Info.Spec.RunDirectory is not { } name || !_lines.TryGetValue((job.Info.User, name), out Line? line))
        {
            return;
        }

        line.Waiting.Remove(job.Id);
        line.Holder = line.Holder == job ? null : line.Holder;
        if (line.Holder is null && line.Waiting.Count == 0)
        {
            _lines.Remove((job.Info.User, name));
        }
        else if (line.Holder is null)
        {
            line.Waiting.GetValueAtIndex(0).Turn.Set();
        }
    }

    private static bool TryTake(Line line, LiveJob job)
    {
        if (line.Holder is not null || line.Waiting.GetKeyAtIndex(0) != job.Id)
        {
            line.Waiting[job.Id].Turn.Reset();
            return false;
        }

        line.Waiting.Remove(job.Id);
        line.Holder = job;
        return true;
    }

    private Line Find(LiveJob job)
    {
        (string, string) key = (job.Info.User, job.Info.Spec.RunDirectory!);
        if (!_lines.TryGetValue(key, out Line? line))
        {
            _lines.Add(key, line = new Line());
        }

        return line;
    }

    private sealed class Line
    {
        internal SortedList<JobId, Waiter> Waiting { get; } = [];

        internal LiveJob? Holder { get; set; }
    }

    private sealed class Waiter(LiveJob job)
    {
        internal Event Turn { get; } = new($"run directory for job {job.Id}");
    }

    private sealed class Use(RunDirectories directories, Line line, LiveJob job) : IDisposable
    {
        public void Dispose()
        {
            if (line.Holder == job)
            {
                directories.Leave(job);
            }
        }
    }
}
