using System.CommandLine;
using System.Text;
using Drover.Cli.Parsing;
using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>Tells the story of a job.</summary>
internal sealed class ExplainCommand : DroverCommand
{
    private readonly Argument<JobId> _job = new("job") { HelpName = "ID", CustomParser = Values.Job };

    public ExplainCommand()
        : base("explain", "Tell the whole story of a job: why it waits or why it ended, and what to do next") => Add(_job);

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        Explanation explanation = await context.Connect().Job(arguments.GetValue(_job)).ExplainAsync();
        if (context.IsJson)
        {
            context.WriteJson(explanation, ProtocolJson.Default.Explanation);
        }
        else
        {
            context.Terminal.Write(Tell(explanation));
        }

        return ExitCodes.Success;
    }

    private static string Tell(Explanation explanation)
    {
        JobInfo job = explanation.Job;
        var text = new StringBuilder();
        text.Append($"job {job.Id} ({Plain.Escape(job.Name)}): {Plain.Escape(explanation.Summary)}\n\n");
        int kinds = explanation.Steps.Count == 0 ? 0 : explanation.Steps.Max(s => Kind(s).Length);
        int actors = explanation.Steps.Count == 0 ? 0 : explanation.Steps.Max(s => Plain.Columns(Plain.Escape(s.Actor)));
        foreach (JobEvent step in explanation.Steps)
        {
            string actor = Plain.Escape(step.Actor);
            text.Append($"{JobText.Time(step.At)}  {Kind(step).PadRight(kinds)}  {actor}{new string(' ', actors - Plain.Columns(actor))}  ")
                .Append(Plain.Escape(step.Cause))
                .Append(step.Evidence is { Length: > 0 } evidence ? $" [{Plain.Escape(evidence)}]" : "")
                .Append('\n');
        }

        if (explanation.Advice.Count > 0)
        {
            text.Append("\nwhat to do next:\n");
            foreach (string advice in explanation.Advice)
            {
                text.Append("- ").Append(Plain.Escape(advice)).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Kind(JobEvent step) => step.Kind switch
    {
        JobEventKind.CancelRequested => "cancel requested",
        JobEventKind.ContactLost => "contact lost",
        JobEventKind.ContactRegained => "contact regained",
        JobEventKind kind => kind.ToString().ToLowerInvariant(),
    };
}
