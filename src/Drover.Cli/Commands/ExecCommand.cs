using System.CommandLine;
using Drover.Cli.Consoles;
using Drover.Cli.Following;
using Drover.Cli.Parsing;
using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>Runs a short command beside a job.</summary>
internal sealed class ExecCommand : DroverCommand
{
    private readonly JobArgument _job = new();
    private readonly Argument<string[]> _command = new("command") { HelpName = "COMMAND [ARGUMENT...]", Description = "the program and its arguments, as they are: no shell looks at them", Arity = ArgumentArity.OneOrMore, CaptureRemainingTokens = true };
    private readonly ValueOption<TimeSpan> _time = new("--time", Values.Duration, "-t") { HelpName = "DURATION", Description = "longest time it may run, up to 1h (default: 1m)" };

    public ExecCommand()
        : base("exec", "Run a short command in a job's run directory, also while the job runs; exit with its exit code")
    {
        Add(_time);
        Add(_job);
        Add(_command);
    }

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        JobHandle job = await context.Connect().FindJobAsync(_job.In(arguments));
        var spec = new ExecSpec(_time.In(arguments)?.TotalSeconds ?? 60) { Command = arguments.GetValue(_command) ?? [] };
        using var stop = new CancellationTokenSource();
        using IDisposable listening = context.Surroundings.Interrupts.Listen();
        Task<Ending> ended = RunAsync(job, spec, context, stop.Token);
        await Task.WhenAny(context.Surroundings.Interrupts.First, ended);
        if (!ended.IsCompleted)
        {
            await stop.CancelAsync(); // A canceled request ends the command.
        }

        try
        {
            Ending ending = await ended;
            if (context.IsJson)
            {
                context.WriteJson(new ExecResult { Ending = ending }, ProtocolJson.Default.ExecResult);
            }
            else if (ending is not Ending.Exited)
            {
                string was = ending is Ending.LaunchFailed or Ending.Canceled ? "was " : "";
                context.Hint($"the command {was}{Plain.Escape(ending.ToString()!).TrimEnd('.')}");
            }

            return ending.ExitCode;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            context.Hint("the command was ended; the job was not");
            return ExitCodes.Canceled;
        }
    }

    private static async Task<Ending> RunAsync(JobHandle job, ExecSpec spec, CommandContext context, CancellationToken cancellationToken)
    {
        await using Stream output = Destination(context, OutputKind.Output);
        await using Stream error = Destination(context, OutputKind.Error);
        return await job.ExecAsync(spec, output, error, cancellationToken);
    }

    private static OutputStream Destination(CommandContext context, OutputKind kind) =>
        context.IsJson ? new JsonLines(context.Terminal, kind) : new PassedOn(context.Terminal, kind);
}
