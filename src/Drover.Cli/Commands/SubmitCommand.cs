using System.CommandLine;
using Drover.Cli.Parsing;
using Drover.Cli.Submitting;

namespace Drover.Cli.Commands;

/// <summary>Submits a job and returns.</summary>
internal sealed class SubmitCommand : DroverCommand
{
    private readonly JobOptions _options = new();

    public SubmitCommand()
        : base("submit", "Submit a job and print its number") => _options.AddTo(this);

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        var submission = new Submission(context, _options.Read(arguments, context.Surroundings));
        if (submission.IsArray)
        {
            ArrayHandle array = await submission.SubmitArrayAsync();
            if (context.IsJson)
            {
                context.WriteJson(await array.GetAsync(), ProtocolJson.Default.ArrayInfo);
            }
            else
            {
                context.Terminal.WriteLine(array.Id.ToString());
            }

            return ExitCodes.Success;
        }

        JobInfo job = await submission.SubmitJobAsync();
        if (context.IsJson)
        {
            context.WriteJson(job, ProtocolJson.Default.JobInfo);
            return ExitCodes.Success;
        }

        if (job.IsReused)
        {
            context.Hint(Submission.ReuseNotice(job, context.Now));
        }

        context.Terminal.WriteLine(job.Id.ToString());
        return ExitCodes.Success;
    }
}
