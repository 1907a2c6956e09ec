using System.CommandLine;
using Drover.Cli.Parsing;

namespace Drover.Cli.Commands;

/// <summary>Submits a job and returns.</summary>
internal sealed class SubmitCommand : DroverCommand
{
    private readonly JobOptions _options = new();

    public SubmitCommand()
        : base("submit", "Submit a job and print its number") => _options.AddTo(this);

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        JobSpec spec = _options.ToSpec(arguments, context.Surroundings);
        DroverClient client = await context.ConnectOrStartAsync(CancellationToken.None);
        JobInfo job = await client.SubmitAsync(spec);
        if (context.IsJson)
        {
            context.WriteJson(job, ProtocolJson.Default.JobInfo);
        }
        else
        {
            context.Terminal.WriteLine(job.Id.ToString());
        }

        return ExitCodes.Success;
    }
}
