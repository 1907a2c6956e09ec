namespace Drover.Server.Supervision;

/// <summary>
/// The run directories that jobs share by name: one job at a time, in order. Most jobs have one of their own, which
/// costs nothing here. Belongs to the supervision loop.
/// </summary>
internal sealed class RunDirectories
{
    private readonly Dictionary<(string User, string Name), Shared> _shared = [];

    /// <summary>Waits until no job that came before uses the run directory, and takes it.</summary>
    internal async Task<IDisposable?> AcquireAsync(LiveJob job)
    {
        if (job.Info.Spec.RunDirectory is null)
        {
            return null;
        }

        Shared shared = Find(job);
        shared.Users++;
        job.WaitsFor(() => $"waiting for run directory '{job.Info.Spec.RunDirectory}', which job {shared.Holder?.Id} uses");
        try
        {
            SlotLease lease = await shared.Slot.AcquireAsync(1, $"run directory '{job.Info.Spec.RunDirectory}'");
            shared.Holder = job;
            return new Use(this, job, shared, lease);
        }
        catch
        {
            Leave(job, shared);
            throw;
        }
        finally
        {
            job.WaitsFor(null);
        }
    }

    /// <summary>Takes it for a job that runs in it already: the first thing after a restart, when nobody else has it.</summary>
    internal IDisposable? TakeForRunning(LiveJob job)
    {
        if (job.Info.Spec.RunDirectory is null)
        {
            return null;
        }

        Shared shared = Find(job);
        if (!shared.Slot.TryAcquire(out SlotLease? lease))
        {
            return null;
        }

        shared.Users++;
        shared.Holder = job;
        return new Use(this, job, shared, lease);
    }

    private Shared Find(LiveJob job)
    {
        (string, string) key = (job.Info.User, job.Info.Spec.RunDirectory!);
        if (!_shared.TryGetValue(key, out Shared? shared))
        {
            _shared.Add(key, shared = new Shared(new Slots(1, $"run directory '{key.Item2}' of {key.Item1}")));
        }

        return shared;
    }

    private void Leave(LiveJob job, Shared shared)
    {
        if (--shared.Users == 0)
        {
            _shared.Remove((job.Info.User, job.Info.Spec.RunDirectory!));
        }
    }

    private sealed record Shared(Slots Slot)
    {
        internal int Users { get; set; }

        internal LiveJob? Holder { get; set; }
    }

    private sealed class Use(RunDirectories directories, LiveJob job, Shared shared, SlotLease lease) : IDisposable
    {
        private bool _isOver;

        public void Dispose()
        {
            if (!_isOver)
            {
                _isOver = true;
                lease.Dispose();
                directories.Leave(job, shared);
            }
        }
    }
}
