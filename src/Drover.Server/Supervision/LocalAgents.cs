using Microsoft.Extensions.Logging;

namespace Drover.Server.Supervision;

/// <summary>Starts the agents of this machine when jobs need them, each by a coroutine. Belongs to the supervision loop.</summary>
/// <param name="isFor">Whether it starts agents of this user.</param>
/// <param name="start">Starts the process of a user's agent, which lives on by itself, and tells its number.</param>
/// <param name="logFile">Where the process of a user's agent writes what it has to say.</param>
/// <param name="group">Where the coroutines run.</param>
/// <param name="log">For the server's log.</param>
internal sealed class LocalAgents(
    Func<string, bool> isFor, Func<string, Task<int>> start, Func<string, string> logFile, TaskGroup group, ILogger log)
{
    private readonly Dictionary<KnownAgent, LocalAgent> _agents = [];

    /// <summary>Whether it starts this agent.</summary>
    internal bool IsFor(KnownAgent agent) => agent.Row.Site == AgentDirectory.LocalSite && isFor(agent.Row.User);

    /// <summary>Somebody needs an agent; nothing happens when it is not of this machine.</summary>
    internal void WantFor(KnownAgent agent)
    {
        if (IsFor(agent))
        {
            Of(agent).Want();
        }
    }

    /// <summary>What an agent of this machine is doing or what keeps it from starting, in words.</summary>
    internal string Situation(KnownAgent agent) => Of(agent).Situation;

    private LocalAgent Of(KnownAgent agent)
    {
        if (!_agents.TryGetValue(agent, out LocalAgent? local))
        {
            string user = agent.Row.User;
            local = new LocalAgent(agent, () => start(user), logFile(user), log);
            _agents.Add(agent, local);
            group.Start(local.RunAsync, $"local agent '{agent.Name}'");
        }

        return local;
    }
}
