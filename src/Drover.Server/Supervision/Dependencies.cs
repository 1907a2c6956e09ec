using Drover.Server.Storage;

namespace Drover.Server.Supervision;

/// <summary>What jobs wait for before anything else: that other jobs and arrays end. Belongs to the supervision loop.</summary>
/// <param name="job">The job with a number, while it has not ended.</param>
/// <param name="array">The array with a number, while its jobs have not all ended.</param>
/// <param name="ended">The arrays whose jobs have.</param>
/// <param name="store">Tells of the jobs that have.</param>
internal sealed class Dependencies(Func<JobId, LiveJob?> job, Func<JobId, LiveArray?> array, EndedArrays ended, Store store)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    /// <summary>Refuses dependencies on what the user does not have.</summary>
    /// <exception cref="RequestRefusedException">There is none with that number, or it is another user's: the same words.</exception>
    internal async Task CheckAsync(Caller caller, IEnumerable<JobSpec> specs)
    {
        HashSet<JobId>? unknown = null;
        foreach (JobId id in specs.SelectMany(spec => spec.After ?? []).Select(dependency => dependency.Job))
        {
            if (unknown?.Contains(id) == true || (job(id)?.Info.User ?? array(id)?.User) is { } user && caller.MayTouch(user))
            {
                continue;
            }

            (unknown ??= []).Add(id);
        }

        if (unknown is null)
        {
            return;
        }

        IReadOnlyDictionary<JobId, string> known = await store.ReadAsync(connection => Queries.Owners(connection, unknown));
        foreach (JobId id in unknown.Order())
        {
            if (!known.TryGetValue(id, out string? user) || !caller.MayTouch(user))
            {
                throw RequestRefusedException.Bad($"There is no job and no array {id}, which a job is to come after.");
            }
        }
    }

    /// <summary>
    /// Waits until dependencies are met. Returns null then; when one cannot be met any more, the reason. Canceled with its
    /// scope; then nobody tells it anything any more.
    /// </summary>
    /// <param name="who">Whose they are, for the tree.</param>
    /// <param name="after">The dependencies.</param>
    /// <param name="waitsFor">Told what it waits for, and null at the end.</param>
    internal async Task<string?> MetAsync(string who, IReadOnlyList<Dependency> after, Action<Func<string?>?> waitsFor)
    {
        var wait = new DependencyWait(who);
        waitsFor(() => wait.Situation);
        try
        {
            foreach (Dependency dependency in after)
            {
                await AddAsync(wait, dependency);
                if (wait.WhyNot is not null)
                {
                    break;
                }
            }

            await wait.SettledAsync();
            return wait.WhyNot;
        }
        finally
        {
            wait.Leave();
            waitsFor(null);
        }
    }

    private async Task AddAsync(DependencyWait wait, Dependency dependency)
    {
        while (true)
        {
            if (job(dependency.Job) is { } live)
            {
                wait.Add(() => DependencyRules.Judge(dependency, live.Info), live.Dependents);
                return;
            }

            if (array(dependency.Job) is { } all)
            {
                wait.Add(() => DependencyRules.Judge(dependency, all.Standing()), all.Dependents);
                return;
            }

            try
            {
                if (await store.JobAsync(dependency.Job) is { } row && row.State.IsOver())
                {
                    wait.Add(DependencyRules.Judge(dependency, row.Show()));
                    return;
                }

                if (await ended.FindAsync(dependency.Job) is { } standing && standing.IsOver)
                {
                    wait.Add(DependencyRules.Judge(dependency, standing));
                    return;
                }

                await Coroutine.YieldAsync(); // It was accepted just now, and is about to be followed.
            }
            catch (StorageException)
            {
                await Coroutine.SleepAsync(s_pause, "until the database can be read");
            }
        }
    }
}
