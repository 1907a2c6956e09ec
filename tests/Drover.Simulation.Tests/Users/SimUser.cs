using Drover.Server.Storage;
using Drover.Server.Supervision;

namespace Drover.Simulation.Tests.Users;

/// <summary>A user, with what the server has promised to them.</summary>
internal sealed class SimUser(World world, string name)
{
    private int _lastName;
    private readonly Caller _caller = new(name, IsAdmin: false);

    internal string Name => name;

    /// <summary>The jobs whose acceptance was answered.</summary>
    internal List<JobId> Accepted { get; } = [];

    /// <summary>Submits with a key of its own, and again with the same one until it is answered.</summary>
    internal async Task SubmitAsync(JobSpec spec)
    {
        spec = spec with { Name = $"{name}-{++_lastName}" };
        var key = new RequestKey(spec.Name, new string('0', 64));
        for (int tries = 1; tries < 50; tries++)
        {
            Keyed<IReadOnlyList<JobInfo>>? answer = await TryAsync(server => server.SubmitAsync(_caller, [spec], key), "submit");
            if (answer is not null)
            {
                JobInfo job = answer.Answer[0];
                world.Note($"{name} has job {job.Id}: {string.Join(' ', spec.Command)} on {spec.Cpus} CPUs of '{spec.Site}'{(spec.Hold ? ", held" : "")}");
                if (spec.Hold)
                {
                    world.Truth.Held(job.Id);
                }

                Accepted.Add(job.Id);
                return;
            }

            await Coroutine.SleepAsync(world.Between(0.1, 20), "the server");
        }
    }

    internal async Task ChangeAsync(JobId id, JobChanges changes)
    {
        if (changes.Hold == true)
        {
            world.Truth.Held(id); // Also when the answer does not come.
        }

        if (await TryAsync(server => server.ChangeAsync(_caller, id, changes), $"change {id}") is not null)
        {
            world.Note($"{name} changed job {id}: {changes}");
        }
    }

    /// <summary>Releases whatever is held, as often as it takes to be heard.</summary>
    internal async Task ReleaseAllAsync()
    {
        while (Queries.JobsBefore(world.Database.Connection, name, JobGroup.Unfinished, null, null, int.MaxValue)
            .FirstOrDefault(row => row.Spec.Hold && row.State == JobState.Queued) is { } held)
        {
            await ChangeAsync(held.Id, new JobChanges { Hold = false });
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(5), "the server");
        }
    }

    internal async Task<bool> CancelAsync(JobId id)
    {
        JobInfo? job = await TryAsync(server => server.CancelAsync(_caller, id, new CancelRequest { Why = "changed my mind" }), $"cancel {id}");
        if (job is not null)
        {
            world.Note($"{name} canceled job {id}, which was {job.State}");
            if (job.State == JobState.Queued)
            {
                world.Truth.CanceledBeforeSent(new AttemptId(id, job.Attempt));
            }
        }

        return job is not null;
    }

    /// <summary>Cancels what would never end by itself, as often as it takes to be heard.</summary>
    internal async Task CancelEternalAsync()
    {
        foreach (JobRow row in Queries.JobsBefore(world.Database.Connection, name, JobGroup.Unfinished, null, null, int.MaxValue)
            .Where(row => Hosts.JobBehaviour.Of(row.Spec).IsEternal))
        {
            while (!await CancelAsync(row.Id))
            {
                await Coroutine.SleepAsync(TimeSpan.FromSeconds(5), "the server");
            }
        }
    }

    /// <summary>Reads what a job wrote: it must be that job's.</summary>
    internal async Task ReadLogAsync(JobId id)
    {
        PendingOp? op = null;
        try
        {
            JobFiles? files = null;
            op = await world.Server.RequestAsync(
                server =>
                {
                    files = new JobFiles(server);
                    return files.BeginAsync(_caller, id, (number, job) => new ServerMessage.ReadLog(
                        number, new AttemptId(id, job.Attempt), job.RunDirectoryName(), OutputKind.Output, 0, Follow: false));
                },
                $"log of {id} for {name}");
            if (op is null)
            {
                return; // It has no files.
            }

            // As long as a web server waits for a client: the answer comes, or the connection ends.
            Outcome waited = await CancelScope.MoveOnAfterAsync(TimeSpan.FromHours(1), async () =>
            {
                while (!op.Stream.IsCompleted)
                {
                    await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(50), $"the log of {id}");
                }
            });
            if (!waited.IsDone)
            {
                world.Broken($"the log of job {id} is neither sent nor refused");
            }

            using var reader = new StreamReader((await op.Stream).Body);
            string text = await reader.ReadToEndAsync();
            if (!text.StartsWith($"output of {id}.", StringComparison.Ordinal) || !text.EndsWith($" of {name}", StringComparison.Ordinal))
            {
                world.Broken($"{name} reads '{text}' as the log of job {id}");
            }
        }
        catch (Exception e) when (e is CrashException or StorageException or RequestRefusedException or AgentAwayException or OpRefusedException)
        {
            world.Note($"{name} cannot read the log of {id}: {e.Message}");
        }
        finally
        {
            if (op is not null)
            {
                JobFiles.End(op);
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
