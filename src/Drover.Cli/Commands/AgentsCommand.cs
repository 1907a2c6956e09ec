using System.CommandLine;
using System.Globalization;
using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>Lists the agents.</summary>
internal sealed class AgentsCommand : DroverCommand
{
    public AgentsCommand()
        : base("agents", "List the agents: where they run and what they do")
    {
    }

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        IReadOnlyList<AgentInfo> agents = await context.Connect(isBrief: true).ListAgentsAsync();
        if (context.IsJson)
        {
            foreach (AgentInfo agent in agents)
            {
                context.WriteJson(agent, ProtocolJson.Default.AgentInfo);
            }

            return ExitCodes.Success;
        }

        if (agents.Count == 0)
        {
            context.Hint("there are no agents yet; the local one starts with the first job, `drover admin agent --site NAME` adds others");
            return ExitCodes.Success;
        }

        DateTimeOffset now = context.Now;
        var table = new Table(
            new("AGENT", CanBeCut: true), new("STATE", CanBeCut: true), new("SITUATION", CanBeCut: true, IsOptional: true, CanBeDropped: true),
            new("ATTEMPTS", IsNumber: true, CanBeDropped: true), new("HOST", CanBeCut: true, IsOptional: true, CanBeDropped: true),
            new("PROCESS", IsNumber: true, IsOptional: true, CanBeDropped: true), new("SITE", CanBeCut: true, CanBeDropped: true),
            new("USER", CanBeCut: true, CanBeDropped: true));
        foreach (AgentInfo agent in agents)
        {
            string away = agent.LastSeenAt is { } seen ? $"away, seen {JobText.Ago(seen, now)}" : "never connected";
            table.Add(
                Plain.Escape(agent.Name),
                agent.IsConnected ? new("connected", Color.Good) : new(away, Color.Waiting),
                Plain.Escape(agent.Situation ?? ""),
                agent.Attempts.ToString(CultureInfo.InvariantCulture),
                Plain.Escape(agent.Host ?? ""),
                agent.ProcessId?.ToString(CultureInfo.InvariantCulture),
                Plain.Escape(agent.Site),
                Plain.Escape(agent.User));
        }

        context.Terminal.Write(table.Render(context.Terminal.Width, context.Terminal.HasColors));
        return ExitCodes.Success;
    }
}
