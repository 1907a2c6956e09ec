using Drover.Server.Storage;
using Drover.Server.Supervision;

namespace Drover.Simulation.Tests.Users;

/// <summary>A user, with what the server has promised to them.</summary>
internal sealed class SimUser(World world, string name)
{
    private readonly Caller _caller = new(name, IsAdmin: false);

    internal string Name => name;

    /// <summary>The jobs whose acceptance was answered.</summary>
    internal List<JobId> Accepted { get; } = [];

    /// <summary>The jobs whose cancellation was answered before they had ended, as far as the answer said.</summary>
    internal HashSet<JobId> Canceled { get; } = [];

    internal async Task SubmitAsync(JobSpec spec)
    {
        JobInfo? job = await TryAsync(server => server.SubmitAsync(_caller, spec), "submit");
        if (job is not null)
        {
            world.Note($"{name} has job {job.Id}: {string.Join(' ', spec.Command)} on {spec.Cpus} CPUs of '{spec.Site}'");
            Accepted.Add(job.Id);
        }
    }

    internal async Task CancelAsync(JobId id)
    {
        JobInfo? job = await TryAsync(server => server.CancelAsync(_caller, id, new CancelRequest { Why = "changed my mind" }), $"cancel {id}");
        if (job is not null)
        {
            world.Note($"{name} canceled job {id}, which was {job.State}");
            if (!job.State.IsOver())
            {
                Canceled.Add(id);
            }
        }
    }

    /// <summary>Asks for somebody else's job in every way; none may tell that there is one.</summary>
    internal async Task IntrudeAsync(JobId foreign)
    {
        foreach (Func<Supervisor, Task<JobInfo>> request in (Func<Supervisor, Task<JobInfo>>[])
            [s => s.FindAsync(_caller, foreign), s => s.CancelAsync(_caller, foreign, new CancelRequest())])
        {
            try
            {
                JobInfo job = await world.Server.RequestAsync(request, "intrude");
                world.Broken($"{name} sees job {job.Id} of {job.User}");
            }
            catch (RequestRefusedException e) when (e.Code == "notFound")
            {
                // As it should be.
            }
            catch (Exception e) when (e is CrashException or StorageException)
            {
                return;
            }
        }
    }

    /// <summary>The answer, or null when the server was away or could not.</summary>
    private async Task<T?> TryAsync<T>(Func<Supervisor, Task<T>> request, string what)
        where T : class
    {
        try
        {
            return await world.Server.RequestAsync(request, $"{what} of {name}");
        }
        catch (Exception e) when (e is CrashException or StorageException or RequestRefusedException)
        {
            world.Note($"{name} could not {what}: {e.Message}");
            return null;
        }
    }
}
