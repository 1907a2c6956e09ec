using System.CommandLine;
using Drover.Cli.Parsing;
using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>Asks jobs to end.</summary>
internal sealed class CancelCommand : DroverCommand
{
    private const int JobsOfPage = 200;

    private readonly Argument<JobRef[]> _jobs = new("jobs") { HelpName = "ID...", Arity = ArgumentArity.ZeroOrMore, CustomParser = Values.Jobs };
    private readonly Flag _all = new("--all") { Description = "every job that has not ended" };
    private readonly Option<string?> _why = new("--why") { HelpName = "REASON", Description = "the reason, for whoever asks later" };
    private readonly ValueOption<TimeSpan> _grace = new("--grace", Values.Duration) { HelpName = "DURATION", Description = "time between SIGTERM and SIGKILL; 0 kills at once (default: the job's)" };

    public CancelCommand()
        : base("cancel", "End jobs and arrays: SIGTERM to all their processes, SIGKILL after a grace period")
    {
        Add(_jobs);
        Add(_all);
        Add(_why);
        Add(_grace);
    }

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        var request = new CancelRequest { Why = arguments.GetValue(_why), GraceSeconds = _grace.In(arguments)?.TotalSeconds };
        JobRef[] jobs = arguments.GetValue(_jobs) ?? [];
        bool all = _all.IsIn(arguments);
        if (all == jobs.Length > 0)
        {
            throw new CliException(
                ExitCodes.WrongUsage, all ? "--all means every job: name none beside it." : "drover cancel needs to know which: ID..., or --all for every job.");
        }

        DroverClient client = context.Connect();
        return all ? await CancelAllAsync(client, request, context) : await CancelAsync(client, jobs, request, context);
    }

    /// <summary>An array is canceled as a whole, and the rest of its jobs, whose numbers follow its own, is not looked at.</summary>
    private static async Task<int> CancelAllAsync(DroverClient client, CancelRequest request, CommandContext context)
    {
        int canceled = 0;
        JobId? array = null;
        JobId? before = null;
        do
        {
            JobList page = await client.ListJobsAsync(JobSelection.Unfinished, JobsOfPage, before);
            foreach (JobInfo job in page.Jobs)
            {
                canceled++;
                if (job.Array is null)
                {
                    Tell(context, await client.Job(job.Id).CancelAsync(request));
                }
                else if (array != job.Array.Array)
                {
                    array = job.Array.Array;
                    Tell(context, await client.Array(array.Value).CancelAsync(request));
                }
            }

            before = page.Next is not null && page.Jobs is [.., { Array.Array: var last }] ? last : page.Next;
        }
        while (before is not null);

        if (canceled == 0)
        {
            context.Hint("there is no job that has not ended");
        }

        return ExitCodes.Success;
    }

    private static async Task<int> CancelAsync(DroverClient client, JobRef[] jobs, CancelRequest request, CommandContext context)
    {
        int exitCode = ExitCodes.Success;
        foreach (JobRef job in jobs)
        {
            try
            {
                await JobTarget.DoAsync(
                    client,
                    job,
                    async one => Tell(context, await one.CancelAsync(request)),
                    async array => Tell(context, await array.CancelAsync(request)));
            }
            catch (JobNotFoundException e)
            {
                Failures.Tell(context.Surroundings, e, context.IsJson, isOwnServer: true); // The others are canceled all the same.
                exitCode = ExitCodes.NoSuchJob;
            }
        }

        return exitCode;
    }

    private static bool Tell(CommandContext context, ArrayInfo array)
    {
        if (context.IsJson)
        {
            context.WriteJson(array, ProtocolJson.Default.ArrayInfo);
        }
        else
        {
            string what = array.IsOver ? "has ended" : "is being canceled";
            context.Terminal.WriteLine($"array {array.Id} ({Plain.Escape(array.Name)}) {what}: {ArrayText.Counts(array)}");
        }

        return true;
    }

    private static bool Tell(CommandContext context, JobInfo job)
    {
        if (context.IsJson)
        {
            context.WriteJson(job, ProtocolJson.Default.JobInfo);
        }
        else if (job.End is { } end)
        {
            context.Terminal.WriteLine($"job {job.Id} has ended: {Plain.Escape(end.Ending.ToString()!)}");
        }
        else
        {
            context.Terminal.WriteLine($"canceling job {job.Id} ({Plain.Escape(job.Name)})");
        }

        return true;
    }
}
