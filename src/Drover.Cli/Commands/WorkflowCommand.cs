using System.CommandLine;
using Drover.Cli.Submitting;
using Drover.Cli.Text;
using Drover.Cli.Workflows;

namespace Drover.Cli.Commands;

/// <summary>Submits jobs that depend on each other.</summary>
internal sealed class WorkflowCommand : DroverCommand
{
    private readonly Argument<string> _file = new("file") { HelpName = "FILE", Description = "YAML; `drover help workflows` says what is in it" };

    public WorkflowCommand()
        : base("workflow", "Submit all jobs of a workflow file, or none, and print their numbers") => Add(_file);

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        string path = Path.GetFullPath(arguments.GetValue(_file)!, context.Surroundings.Directory);
        WorkflowPlan plan = WorkflowFile.Read(path, context.Surroundings);
        DroverClient client = await context.ConnectOrStartAsync(CancellationToken.None);
        WorkflowInfo info = await Submission.WithInputsAsync(async () => await client.SubmitWorkflowAsync(await CompleteAsync(context, client, plan)));
        if (context.IsJson)
        {
            context.WriteJson(info, ProtocolJson.Default.WorkflowInfo);
            return ExitCodes.Success;
        }

        var table = new Table(new("ID", IsNumber: true), new("STEP"));
        foreach (WorkflowPlan.Step step in plan.Steps)
        {
            table.Add(info.Steps.TryGetValue(step.Key, out JobId id) ? id.ToString() : "", step.Key);
        }

        context.Terminal.Write(table.Render(context.Terminal.Width, context.Terminal.HasColors));
        return ExitCodes.Success;
    }

    private static async Task<Workflow> CompleteAsync(CommandContext context, DroverClient client, WorkflowPlan plan)
    {
        var steps = new List<WorkflowStep>();
        foreach (WorkflowPlan.Step step in plan.Steps)
        {
            steps.Add(new WorkflowStep
            {
                Key = step.Key,
                Job = await new Submission(context, step.Request).CompleteAsync(client),
                Indices = step.Request.Indices,
                AtOnce = step.Request.AtOnce,
                After = step.After.Count == 0 ? null : step.After,
            });
        }

        return new Workflow { Name = plan.Name, Steps = steps };
    }
}
