using System.CommandLine;
using Drover.Cli.Parsing;
using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>Says everything about one job, or array.</summary>
internal sealed class ShowCommand : DroverCommand
{
    private readonly JobArgument _job = new();

    public ShowCommand()
        : base("show", "Show everything about a job or array") => Add(_job);

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        await JobTarget.DoAsync(
            context.Connect(isBrief: true), _job.In(arguments), job => ShowAsync(context, job), array => ShowAsync(context, array));
        return ExitCodes.Success;
    }

    private static async Task<bool> ShowAsync(CommandContext context, JobHandle handle)
    {
        JobInfo job = await handle.GetAsync();
        if (context.IsJson)
        {
            context.WriteJson(job, ProtocolJson.Default.JobInfo);
        }
        else
        {
            IReadOnlyList<AttemptInfo> attempts = job.Attempt > 1 ? await handle.AttemptsAsync() : [];
            context.Terminal.Write(JobDescription.Of(job, attempts, context.Now));
        }

        return true;
    }

    private static async Task<bool> ShowAsync(CommandContext context, ArrayHandle handle)
    {
        ArrayInfo array = await handle.GetAsync();
        if (context.IsJson)
        {
            context.WriteJson(array, ProtocolJson.Default.ArrayInfo);
        }
        else
        {
            context.Terminal.Write(ArrayDescription.Of(array, context.Now));
        }

        return true;
    }
}
