using System.CommandLine;
using Drover.Cli.Following;
using Drover.Cli.Parsing;
using Drover.Cli.Submitting;

namespace Drover.Cli.Commands;

/// <summary>Runs a job as if it ran here.</summary>
internal sealed class RunCommand : DroverCommand
{
    private readonly JobOptions _options = new();

    public RunCommand()
        : base("run", "Run a job: show what it writes, pass Ctrl-C on, exit with its exit code") => _options.AddTo(this);

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        var submission = new Submission(context, _options.Read(arguments, context.Surroundings));
        if (!submission.IsArray)
        {
            JobInfo job = await submission.SubmitJobAsync();
            return await new JobRun(context.Connect().Job(job.Id), job, context).RunAsync();
        }

        ArrayHandle array = await submission.SubmitArrayAsync();
        context.Hint($"array {array.Id}: what its jobs write is kept; `drover log {array.Id}_INDEX` shows it");
        return await new ArrayRun(array, context).RunAsync();
    }
}
