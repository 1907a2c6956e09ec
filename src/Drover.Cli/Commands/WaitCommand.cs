using System.CommandLine;
using Drover.Cli.Parsing;
using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>Waits until jobs and arrays have ended.</summary>
internal sealed class WaitCommand : DroverCommand
{
    private readonly Argument<JobRef[]> _jobs = new("jobs") { HelpName = "ID...", Arity = ArgumentArity.OneOrMore, CustomParser = Values.Jobs };

    public WaitCommand()
        : base("wait", "Wait until jobs and arrays have ended; exit with the job's exit code, of several with the highest") => Add(_jobs);

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        DroverClient client = context.Connect();
        using var failed = new CancellationTokenSource();
        int[] codes = await Task.WhenAll(arguments.GetValue(_jobs)!.Select(job => WaitAsync(client, job, context, failed)));
        return codes.Max();
    }

    private static async Task<int> WaitAsync(DroverClient client, JobRef target, CommandContext context, CancellationTokenSource failed)
    {
        try
        {
            return await JobTarget.DoAsync(
                client,
                target,
                async job => Tell(context, await job.WaitAsync(failed.Token)),
                async array => Tell(context, await array.WaitAsync(failed.Token)));
        }
        catch (DroverException)
        {
            await failed.CancelAsync(); // A wait that cannot succeed should not take as long as the longest job.
            throw;
        }
    }

    private static int Tell(CommandContext context, JobInfo job)
    {
        if (context.IsJson)
        {
            context.WriteJson(job, ProtocolJson.Default.JobInfo);
        }
        else
        {
            context.Terminal.WriteLine($"job {JobText.Id(job)} {Plain.Escape(job.End!.Ending.ToString()!)}");
        }

        return job.End!.Ending.ExitCode;
    }

    private static int Tell(CommandContext context, ArrayInfo array)
    {
        if (context.IsJson)
        {
            context.WriteJson(array, ProtocolJson.Default.ArrayInfo);
        }
        else
        {
            context.Terminal.WriteLine($"array {array.Id} has ended: {ArrayText.Counts(array)}");
        }

        return array.ExitCode;
    }
}
