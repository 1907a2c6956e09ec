using Drover.Server.Storage;
using Drover.Server.Supervision;
using Drover.Simulation.Tests.Hosts;

namespace Drover.Simulation.Tests.Users;

/// <summary>A user, with what the server has promised to them.</summary>
internal sealed partial class SimUser(World world, string name)
{
    private const string Hash = "0000000000000000000000000000000000000000000000000000000000000000";
    private readonly Caller _caller = new(name, IsAdmin: false);
    private readonly List<Func<Task>> _repetitions = [];
    private int _lastKey;

    internal string Name => name;

    /// <summary>The jobs whose acceptance was answered, those of arrays too.</summary>
    internal List<JobId> Accepted { get; } = [];

    /// <summary>The arrays whose acceptance was answered.</summary>
    internal List<ArrayInfo> Arrays { get; } = [];

    /// <summary>What others can come after.</summary>
    internal List<JobId> Nameable { get; } = [];

    /// <summary>Submits jobs with a key of their own, and again with the same one until it is answered.</summary>
    internal async Task SubmitAsync(params IReadOnlyList<JobSpec> specs)
    {
        string key = NextKey();
        specs = [.. specs.Select((spec, number) => spec with { Name = $"{key}.{number}" })];
        IReadOnlyList<JobInfo>? jobs = await InsistAsync(
            key, (server, requestKey) => server.SubmitAsync(_caller, specs, requestKey), jobs => string.Join(' ', jobs.Select(job => job.Id)));
        foreach ((JobInfo job, JobSpec spec) in (jobs ?? []).Zip(specs))
        {
            if (job.IsReused)
            {
                CheckReused(job, spec);
                continue;
            }

            world.Note($"{name} has job {job.Id}: {Words(spec)}");
            Has(job.Id, spec);
            Nameable.Add(job.Id);
        }
    }

    internal async Task ChangeAsync(JobId id, JobChanges changes)
    {
        if (changes.Hold == true)
        {
            world.Truth.Held(id); // Also when the answer does not come.
        }

        if (changes.Pin == false)
        {
            world.Truth.Unpinned(id);
        }

        if (await TryAsync(server => server.ChangeAsync(_caller, id, changes), $"change {id}") is not null)
        {
            world.Note($"{name} changed job {id}: {changes}");
            if (changes.Pin == true)
            {
                world.Truth.Pinned(id);
            }
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
        world.Truth.MayBeCanceled(id);
        JobInfo? job = await TryAsync(server => server.CancelAsync(_caller, id, new CancelRequest { Why = "changed my mind" }), $"cancel {id}");
        if (job is null)
        {
            return false;
        }

        world.Note($"{name} canceled job {id}, which was {job.State}");
        if (!job.State.IsOver())
        {
            world.Truth.Stopped(id);
            world.Truth.Canceled(new AttemptId(id, job.Attempt), hasStarted: job.State != JobState.Queued);
            world.Group.Start(() => EndsSoonAsync(id), $"the end of {id}, which is canceled");
        }

        return true;
    }

    /// <summary>Cancels what would never end by itself, as often as it takes to be heard.</summary>
    internal async Task CancelEternalAsync()
    {
        foreach (JobRow row in Queries.JobsBefore(world.Database.Connection, name, JobGroup.Unfinished, null, null, int.MaxValue)
            .Where(row => JobBehaviour.Of(row.Spec).IsEternal))
        {
            while (!await CancelAsync(row.Id))
            {
                await Coroutine.SleepAsync(TimeSpan.FromSeconds(5), "the server");
            }
        }
    }

    /// <summary>Asks for somebody else's job in every way; none may tell that there is one.</summary>
    internal async Task IntrudeAsync(JobId foreign)
    {
        foreach (Func<Supervisor, Task<JobInfo>> request in (Func<Supervisor, Task<JobInfo>>[])
        [
            s => s.FindAsync(_caller, foreign),
            s => s.CancelAsync(_caller, foreign, new CancelRequest()),
            s => s.ChangeAsync(_caller, foreign, new JobChanges { Priority = 5 }),
            s => s.ChangeAsync(_caller, foreign, new JobChanges { Pin = true }),
            s => s.SubmitAsync(_caller, new JobSpec("one") { Command = ["simulated", "1", "0"], After = [new Dependency(foreign)] }),
        ])
        {
            try
            {
                JobInfo job = await world.Server.RequestAsync(request, "intrude");
                world.Broken($"{name} was given job {job.Id} of {job.User} when they asked for {foreign}, which is not theirs");
            }
            catch (RequestRefusedException e) when (e.Code is "notFound" or "badRequest")
            {
                // As it should be.
            }
            catch (Exception e) when (e is CrashException or StorageException)
            {
                return;
            }
        }
    }

    /// <summary>Sends an earlier request once more, with its key: the answer is the earlier one, and nothing is done.</summary>
    internal Task RepeatAsync(double which) => _repetitions.Count == 0 ? Task.CompletedTask : _repetitions[(int)(which * _repetitions.Count)]();

    private string NextKey() => $"{name}-{++_lastKey}";

    private void Has(JobId id, JobSpec spec)
    {
        if (spec.Hold)
        {
            world.Truth.Held(id);
        }

        if (spec.Pin)
        {
            world.Truth.Pinned(id);
        }

        Accepted.Add(id);
    }

    private static string Words(JobSpec spec) => $"{string.Join(' ', spec.Command)} on {spec.Cpus} CPUs of '{spec.Site}'{(spec.Hold ? ", held" : "")}"
        + (spec.After is { Count: > 0 } after ? $", after {string.Join(", ", after.Select(d => $"{d.Job} {d.When}"))}" : "");

    /// <summary>The result of another job was given: it has to be one of mine, of the same command, that succeeded.</summary>
    private void CheckReused(JobInfo job, JobSpec spec)
    {
        world.Note($"{name} is given the result of job {job.Id}");
        if (job.User != name || spec.Reuse != true || job.End?.Ending.IsSuccess != true
            || !job.Spec.Command.SequenceEqual(spec.Command) || job.Spec.Site != spec.Site || job.Spec.RunDirectory != spec.RunDirectory)
        {
            world.Broken($"{name} asks for '{Words(spec)}' and is given job {job.Id} of {job.User}: '{Words(job.Spec)}', {job.End?.Ending}");
        }
    }

    /// <summary>Whatever is canceled ends soon after everything works again; when it waits it need not wait for that.</summary>
    private async Task EndsSoonAsync(JobId id)
    {
        DateTimeOffset began = World.Now;
        while (!world.HasWorkedSince(World.Now - TimeSpan.FromMinutes(3)) || World.Now - began < TimeSpan.FromMinutes(4))
        {
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(10), "a time when everything works");
        }

        if (Queries.Job(world.Database.Connection, id) is { } row && !row.State.IsOver())
        {
            world.Broken($"job {id} was canceled at {began:HH:mm:ss.fff} and is {row.State}");
        }
    }

    /// <summary>Sends a request with its key until it is answered.</summary>
    private async Task<T?> InsistAsync<T>(string key, Func<Supervisor, RequestKey, Task<Keyed<T>>> request, Func<T, string> words)
        where T : class
    {
        for (int tries = 1; tries < 50; tries++)
        {
            if (await TryAsync(server => request(server, new RequestKey(key, Hash)), $"submit {key}") is { } answer)
            {
                _repetitions.Add(() => RepeatAsync(key, request, words, words(answer.Answer)));
                return answer.Answer;
            }

            await Coroutine.SleepAsync(world.Between(0.1, 20), "the server");
        }

        return null;
    }

    private async Task RepeatAsync<T>(string key, Func<Supervisor, RequestKey, Task<Keyed<T>>> request, Func<T, string> words, string before)
    {
        if (await TryAsync(server => request(server, new RequestKey(key, Hash)), $"repeat {key}") is { } again
            && (!again.IsReplay || words(again.Answer) != before))
        {
            world.Broken($"the request '{key}' was answered with {before}, and then with {words(again.Answer)}{(again.IsReplay ? "" : ", as a new one")}");
        }

        if (await TryAsync(server => request(server, new RequestKey(key, "another request's")), $"misuse {key}") is not null)
        {
            world.Broken($"the key '{key}' was taken for another request");
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
