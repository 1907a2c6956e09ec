using System.CommandLine;
using Drover.Cli.Parsing;
using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>Asks jobs to end.</summary>
internal sealed class CancelCommand : DroverCommand
{
    private readonly Argument<JobId[]> _jobs = new("jobs") { HelpName = "ID...", Arity = ArgumentArity.OneOrMore, CustomParser = Values.Jobs };
    private readonly Option<string?> _why = new("--why") { HelpName = "REASON", Description = "the reason, for whoever asks later" };
    private readonly Option<TimeSpan?> _grace = new("--grace") { HelpName = "DURATION", Description = "time between SIGTERM and SIGKILL; 0 kills at once (default: the job's)", CustomParser = Values.Duration };

    public CancelCommand()
        : base("cancel", "End jobs: SIGTERM to all their processes, SIGKILL after a grace period")
    {
        Add(_jobs);
        Add(_why);
        Add(_grace);
    }

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        var request = new CancelRequest { Why = arguments.GetValue(_why), GraceSeconds = arguments.GetValue(_grace)?.TotalSeconds };
        DroverClient client = context.Connect();
        int exitCode = ExitCodes.Success;
        foreach (JobId id in arguments.GetValue(_jobs)!)
        {
            try
            {
                Tell(context, await client.Job(id).CancelAsync(request));
            }
            catch (JobNotFoundException e)
            {
                Failures.Tell(context.Surroundings, e, context.IsJson, isOwnServer: true); // The others are canceled all the same.
                exitCode = ExitCodes.NoSuchJob;
            }
        }

        return exitCode;
    }

    private static void Tell(CommandContext context, JobInfo job)
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
    }
}
