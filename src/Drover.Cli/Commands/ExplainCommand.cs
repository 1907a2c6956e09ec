using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Drover.Cli.Parsing;
using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>Tells the story of a job, or of an array.</summary>
internal sealed class ExplainCommand : DroverCommand
{
    private readonly JobArgument _job = new();

    public ExplainCommand()
        : base("explain", "Tell the whole story of a job or array: why it waits or why it ended, and what to do next") => Add(_job);

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        await JobTarget.DoAsync(
            context.Connect(isBrief: true),
            _job.In(arguments),
            async job => Write(context, await job.ExplainAsync(), ProtocolJson.Default.Explanation, Tell),
            async array => Write(context, await array.ExplainAsync(), ProtocolJson.Default.ArrayExplanation, Tell));
        return ExitCodes.Success;
    }

    private static bool Write<T>(CommandContext context, T explanation, JsonTypeInfo<T> type, Func<T, string> tell)
    {
        if (context.IsJson)
        {
            context.WriteJson(explanation, type);
        }
        else
        {
            context.Terminal.Write(tell(explanation));
        }

        return true;
    }

    private static string Tell(ArrayExplanation explanation)
    {
        ArrayInfo array = explanation.Array;
        var text = new StringBuilder();
        text.Append($"array {array.Id} ({Plain.Escape(array.Name)}): {Plain.Escape(explanation.Summary)}\n");
        AppendGroups(text, "what those wait for that have not started:", explanation.Waiting);
        AppendGroups(text, "how those ended that have:", explanation.Endings);
        AppendAdvice(text, explanation.Advice);
        return text.ToString();
    }

    private static void AppendGroups(StringBuilder text, string heading, IReadOnlyList<ArrayGroup> groups)
    {
        if (groups.Count == 0)
        {
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"\n{heading}\n");
        int width = groups.Max(g => g.Count).ToString(CultureInfo.InvariantCulture).Length;
        foreach (ArrayGroup group in groups)
        {
            string count = group.Count.ToString(CultureInfo.InvariantCulture).PadLeft(width);
            string more = group.Examples.Count < group.Count ? ", …" : "";
            text.Append(CultureInfo.InvariantCulture, $"  {count}  {Plain.Escape(group.What)} (index {string.Join(", ", group.Examples)}{more})\n");
        }
    }

    private static void AppendAdvice(StringBuilder text, IReadOnlyList<string> all)
    {
        if (all.Count > 0)
        {
            text.Append("\nwhat to do next:\n");
            foreach (string advice in all)
            {
                text.Append("- ").Append(Plain.Escape(advice)).Append('\n');
            }
        }
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

        AppendAdvice(text, explanation.Advice);
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
