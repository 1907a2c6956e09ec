using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>Changes something about several jobs and arrays, each for itself.</summary>
internal static class JobAlteration
{
    /// <summary>Does it and tells each; the exit code is that of the last one that could not be changed.</summary>
    /// <param name="context">The command.</param>
    /// <param name="targets">The jobs and arrays.</param>
    /// <param name="changes">What to change.</param>
    /// <param name="done">In a word, what a job is then: <c>held</c>.</param>
    public static Task<int> ApplyAsync(CommandContext context, IEnumerable<JobRef> targets, ArrayChanges changes, string done) => EachAsync(
        context,
        targets,
        async job => Tell(context, await job.ChangeAsync(await OfJobAsync(job, changes)), done),
        async array => Tell(context, await array.ChangeAsync(changes), done));

    /// <summary>Has the files of jobs kept, or not any more; of an array those of each of its jobs.</summary>
    public static Task<int> PinAsync(CommandContext context, IEnumerable<JobRef> targets, bool isPinned, string done)
    {
        var changes = new JobChanges { Pin = isPinned };
        return EachAsync(
            context,
            targets,
            async job => Tell(context, await job.ChangeAsync(changes), done),
            async array => await PinAllAsync(context, array, changes, done));
    }

    private static async Task<int> EachAsync(
        CommandContext context, IEnumerable<JobRef> targets, Func<JobHandle, Task<bool>> ofJob, Func<ArrayHandle, Task<bool>> ofArray)
    {
        DroverClient client = context.Connect();
        int exitCode = ExitCodes.Success;
        foreach (JobRef target in targets)
        {
            try
            {
                await JobTarget.DoAsync(client, target, ofJob, ofArray);
            }
            catch (Exception e) when (e is JobNotFoundException or RequestRefusedException or CliException)
            {
                exitCode = Failures.Tell(context.Surroundings, e, context.IsJson, context.IsOwnServer); // The others are changed all the same.
            }
        }

        return exitCode;
    }

    private static async Task<JobChanges> OfJobAsync(JobHandle job, ArrayChanges changes)
    {
        if (changes.AtOnce is not null)
        {
            await job.GetAsync(); // The number of an array is no job's.
            throw new CliException(ExitCodes.WrongUsage, $"--at-once is for arrays, and {job.Id} is a job.");
        }

        return new JobChanges { Priority = changes.Priority, TimeLimitSeconds = changes.TimeLimitSeconds, Hold = changes.Hold };
    }

    private static bool Tell(CommandContext context, JobInfo job, string done)
    {
        if (context.IsJson)
        {
            context.WriteJson(job, ProtocolJson.Default.JobInfo);
        }
        else
        {
            context.Terminal.WriteLine($"job {JobText.Id(job)} ({Plain.Escape(job.Name)}) is {done}");
        }

        return true;
    }

    private static bool Tell(CommandContext context, ArrayInfo array, string done)
    {
        if (context.IsJson)
        {
            context.WriteJson(array, ProtocolJson.Default.ArrayInfo);
        }
        else
        {
            string waiting = array.Queued == 1 ? "1 job that waits is" : $"{array.Queued} jobs that wait are";
            context.Terminal.WriteLine($"array {array.Id} ({Plain.Escape(array.Name)}): {waiting} {done}");
        }

        return true;
    }

    private static async Task<bool> PinAllAsync(CommandContext context, ArrayHandle array, JobChanges changes, string done)
    {
        int changed = 0;
        await foreach (JobInfo job in array.ListAllJobsAsync())
        {
            try
            {
                JobInfo after = await array.Client.Job(job.Id).ChangeAsync(changes);
                changed++;
                if (context.IsJson)
                {
                    context.WriteJson(after, ProtocolJson.Default.JobInfo);
                }
            }
            catch (RequestRefusedException e) when (e.Code == "conflict")
            {
                // Its files are gone: the others are meant all the same.
            }
        }

        if (!context.IsJson)
        {
            context.Terminal.WriteLine($"array {array.Id}: {changed} {(changed == 1 ? "job is" : "jobs are")} {done}");
        }

        return true;
    }
}
