using System.CommandLine;
using System.Text.Json;
using Drover.Cli.Following;
using Drover.Cli.Parsing;

namespace Drover.Cli.Commands;

/// <summary>Runs a job as if it ran here.</summary>
internal sealed class RunCommand : DroverCommand
{
    private readonly JobOptions _options = new();

    public RunCommand()
        : base("run", "Run a job: show what it writes, pass Ctrl-C on, exit with its exit code") => _options.AddTo(this);

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        JobSpec spec = _options.ToSpec(arguments, context.Surroundings);
        DroverClient client = await context.ConnectOrStartAsync(CancellationToken.None);
        JobInfo job = await client.SubmitAsync(spec);
        Action<JobInfo>? changed = context.IsJson ? change => WriteJson(context, change) : null;
        changed?.Invoke(job);
        return await new JobRun(client.Job(job.Id), job, context.Surroundings, changed).RunAsync();
    }

    /// <summary>The job's own output has the output stream, so the objects go where drover speaks.</summary>
    private static void WriteJson(CommandContext context, JobInfo job) =>
        context.Terminal.WriteErrorText(JsonSerializer.Serialize(job, ProtocolJson.Default.JobInfo) + "\n");
}
