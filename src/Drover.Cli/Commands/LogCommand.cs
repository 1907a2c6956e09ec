using System.CommandLine;
using Drover.Cli.Following;
using Drover.Cli.Parsing;

namespace Drover.Cli.Commands;

/// <summary>Shows what a job wrote.</summary>
internal sealed class LogCommand : DroverCommand
{
    private readonly JobArgument _job = new();
    private readonly Flag _follow = new("--follow", "-f") { Description = "go on as the job writes, until it has ended" };
    private readonly ValueOption<OutputKind> _stream = new("--stream", Values.Stream) { HelpName = "stdout|stderr", Description = "only this one, on standard output (default: both, each on its own)" };
    private readonly ValueOption<long> _offset = new("--offset", Values.LongNumber) { HelpName = "BYTES", Description = "from this byte on; negative counts from the end" };
    private readonly ValueOption<int> _tail = new("--tail", Values.Number) { HelpName = "LINES", Description = "only the last lines" };
    private readonly ValueOption<int> _attempt = new("--attempt", Values.Number) { HelpName = "N", Description = "what this attempt wrote (default: the last one)" };

    public LogCommand()
        : base("log", "Show what a job wrote, as it wrote it")
    {
        Add(_job);
        Add(_follow);
        Add(_stream);
        Add(_offset);
        Add(_tail);
        Add(_attempt);
        Validators.Add(result =>
        {
            if (result.GetResult(_offset) is not null && result.GetResult(_tail) is not null)
            {
                result.AddError("--offset and --tail contradict each other");
            }
        });
    }

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        JobHandle job = await context.Connect().FindJobAsync(_job.In(arguments));
        OutputKind[] kinds = _stream.In(arguments) is { } one ? [one] : [OutputKind.Output, OutputKind.Error];
        bool follow = _follow.IsIn(arguments);
        long offset = _offset.In(arguments) ?? 0;
        int? tail = _tail.In(arguments);
        if (tail is < 0)
        {
            throw new CliException(ExitCodes.WrongUsage, "--tail takes a number of lines from 0.");
        }

        if (_attempt.In(arguments) is < 1)
        {
            throw new CliException(ExitCodes.WrongUsage, "--attempt takes the number of an attempt, from 1; `drover show` lists them.");
        }

        var range = new LogRange(offset, tail, follow, _attempt.In(arguments));
        var copies = new List<Task>();
        foreach (OutputKind kind in kinds)
        {
            Task copy = CopyAsync(job, kind, Destination(context, kind, kinds.Length), range);
            copies.Add(copy);
            if (!follow)
            {
                await copy; // One after the other, so that they do not mix.
            }
        }

        await Task.WhenAll(copies);
        return ExitCodes.Success;
    }

    private static Stream Destination(CommandContext context, OutputKind kind, int streams) =>
        context.IsJson ? new JsonLines(context.Terminal, kind)
        : new PassedOn(context.Terminal, streams == 1 ? OutputKind.Output : kind);

    private static async Task CopyAsync(JobHandle job, OutputKind kind, Stream destination, LogRange range)
    {
        await using (destination) // The last line may have no end.
        {
            if (range.Tail is not { } lines)
            {
                await job.CopyLogAsync(kind, destination, range.Offset, range.Follow, range.Attempt);
            }
            else if (!range.Follow || range.Attempt is not null || await job.GetAsync() is not { Spec.Retry: not null } info)
            {
                long end = await LogTail.CopyAsync(job, kind, destination, lines, range.Follow, range.Attempt);
                if (range.Follow)
                {
                    await job.CopyLogAsync(kind, destination, end, follow: true, range.Attempt);
                }
            }
            else
            {
                // Each attempt has a log of its own: the place in one is none in the next.
                int attempt = info is { StartedAt: null, Attempt: > 1 } ? info.Attempt - 1 : info.Attempt;
                long end = await LogTail.CopyAsync(job, kind, destination, lines, follow: true, attempt);
                await job.FollowLogAsync(kind, destination, attempt, end);
            }
        }
    }

    /// <summary>How much of the log is wanted.</summary>
    private sealed record LogRange(long Offset, int? Tail, bool Follow, int? Attempt);
}
