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
        JobInfo job = await new Submission(context, _options.Read(arguments, context.Surroundings)).SubmitJobAsync();
        return await new JobRun(context.Connect().Job(job.Id), job, context).RunAsync();
    }
}
