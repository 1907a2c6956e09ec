using System.CommandLine;
using Drover.Cli.Parsing;
using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>Waits until jobs have ended.</summary>
internal sealed class WaitCommand : DroverCommand
{
    private readonly Argument<JobId[]> _jobs = new("jobs") { HelpName = "ID...", Arity = ArgumentArity.OneOrMore, CustomParser = Values.Jobs };

    public WaitCommand()
        : base("wait", "Wait until jobs have ended; exit with the job's exit code, of several with the highest") => Add(_jobs);

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        DroverClient client = context.Connect();
        using var failed = new CancellationTokenSource();
        int[] codes = await Task.WhenAll(arguments.GetValue(_jobs)!.Select(id => WaitAsync(client.Job(id), context, failed)));
        return codes.Max();
    }

    private static async Task<int> WaitAsync(JobHandle handle, CommandContext context, CancellationTokenSource failed)
    {
        JobInfo job;
        try
        {
            job = await handle.WaitAsync(failed.Token);
        }
        catch (DroverException)
        {
            await failed.CancelAsync(); // A wait that cannot succeed should not take as long as the longest job.
            throw;
        }

        if (context.IsJson)
        {
            context.WriteJson(job, ProtocolJson.Default.JobInfo);
        }
        else
        {
            context.Terminal.WriteLine($"job {job.Id} {Plain.Escape(job.End!.Ending.ToString()!)}");
        }

        return job.End!.Ending.ExitCode;
    }
}
