using System.CommandLine;
using System.Globalization;
using System.Text;
using Drover.Cli.Parsing;
using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>Says everything about one job.</summary>
internal sealed class ShowCommand : DroverCommand
{
    private readonly Argument<JobId> _job = new("job") { HelpName = "ID", CustomParser = Values.Job };

    public ShowCommand()
        : base("show", "Show everything about a job") => Add(_job);

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        JobInfo job = await context.Connect().Job(arguments.GetValue(_job)).GetAsync();
        if (context.IsJson)
        {
            context.WriteJson(job, ProtocolJson.Default.JobInfo);
        }
        else
        {
            context.Terminal.Write(Describe(job, context.Now));
        }

        return ExitCodes.Success;
    }

    private static string Describe(JobInfo job, DateTimeOffset now)
    {
        var text = new StringBuilder();
        void Line(string label, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                text.Append(CultureInfo.InvariantCulture, $"{label,-12} {Plain.Escape(value)}\n");
            }
        }

        JobSpec spec = job.Spec;
        Line("job", job.Id.ToString());
        Line("name", job.Name);
        Line("user", job.User);
        Line("state", job.End is null ? JobText.State(job) : job.End.Ending.ToString());
        Line("files", job.State == JobState.Purged ? "removed" : null);
        Line("situation", job.Situation);
        Line("progress", JobText.Progress(job, now));
        Line("evidence", job.End?.Evidence);
        Line("submitted", Moment(job.SubmittedAt, now));
        Line("started", job.StartedAt is { } started ? Moment(started, now) : null);
        Line("ended", job.End is { } end ? Moment(end.At, now) : null);
        Line("elapsed", job.StartedAt is null ? null : JobText.Whole(JobText.Elapsed(job, now)));
        Line("used", Used(job.End?.Usage));
        Line("command", JobText.Command(spec));
        Line("site", spec.Site);
        Line("agent", job.Agent);
        Line("process", job.ProcessId?.ToString(CultureInfo.InvariantCulture));
        Line("attempt", job.Attempt.ToString(CultureInfo.InvariantCulture));
        Line("cpus", spec.Cpus.ToString(CultureInfo.InvariantCulture));
        Line("memory", spec.MemoryBytes is { } memory ? $"at most {Quantities.Bytes(memory)}" : null);
        Line("time limit", spec.TimeLimitSeconds is { } limit ? Quantities.Duration(TimeSpan.FromSeconds(limit)) : null);
        Line("grace", spec.GraceSeconds is { } grace ? Quantities.Duration(TimeSpan.FromSeconds(grace)) : null);
        Line("priority", spec.Priority == 0 ? null : spec.Priority.ToString(CultureInfo.InvariantCulture));
        Line("directory", spec.WorkingDirectory ?? "its run directory");
        Line("run dir", spec.RunDirectory);
        foreach ((string name, string value) in spec.Environment ?? new Dictionary<string, string>())
        {
            Line("environment", $"{name}={value}");
        }

        Line("canceled by", job.CancelRequestedBy);
        if (job.End?.ErrorTail is { Length: > 0 } tail)
        {
            text.Append("the end of its standard error:\n");
            foreach (string line in tail.TrimEnd('\n').Split('\n'))
            {
                text.Append("  ").Append(Plain.Escape(line)).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Moment(DateTimeOffset at, DateTimeOffset now) => $"{JobText.Time(at)} ({JobText.Ago(at, now)})";

    private static string? Used(Usage? usage) => usage switch
    {
        null => null,
        { MaxMemoryBytes: { } memory } => $"{Cpu(usage)}, {Quantities.Bytes(memory)} of memory",
        _ => Cpu(usage),
    };

    private static string Cpu(Usage usage) => $"{Quantities.Duration(TimeSpan.FromSeconds(usage.CpuSeconds))} of CPU";
}
