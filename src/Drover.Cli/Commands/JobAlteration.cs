using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>Changes something about several jobs, each for itself; of an array, about each of its jobs that waits.</summary>
internal static class JobAlteration
{
    /// <summary>Does it and tells each; the exit code is that of the last one that could not be changed.</summary>
    /// <param name="context">The command.</param>
    /// <param name="targets">The jobs and arrays.</param>
    /// <param name="changes">What to change.</param>
    /// <param name="done">In a word, what a job is then: <c>held</c>.</param>
    public static async Task<int> ApplyAsync(CommandContext context, IEnumerable<JobRef> targets, JobChanges changes, string done)
    {
        DroverClient client = context.Connect();
        int exitCode = ExitCodes.Success;
        foreach (JobRef target in targets)
        {
            try
            {
                await JobTarget.DoAsync(
                    client,
                    target,
                    async job => Tell(context, await job.ChangeAsync(changes), done),
                    async array => await ApplyToArrayAsync(context, array, changes, done));
            }
            catch (Exception e) when (e is JobNotFoundException or RequestRefusedException)
            {
                exitCode = Failures.Tell(context.Surroundings, e, context.IsJson, context.IsOwnServer); // The others are changed all the same.
            }
        }

        return exitCode;
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

    private static async Task<bool> ApplyToArrayAsync(CommandContext context, ArrayHandle array, JobChanges changes, string done)
    {
        int changed = 0;
        await foreach (JobInfo job in array.ListAllJobsAsync(changes.Pin is null ? JobSelection.Unfinished : JobSelection.All))
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
                // It runs already, or its files are gone: the others are meant all the same.
            }
        }

        if (!context.IsJson)
        {
            context.Terminal.WriteLine($"array {array.Id}: {changed} {(changed == 1 ? "job is" : "jobs are")} {done}");
        }

        return true;
    }
}
