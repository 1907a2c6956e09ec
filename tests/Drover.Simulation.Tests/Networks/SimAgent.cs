using Drover.Agent;
using Drover.Agent.Connections;
using Drover.Simulation.Tests.Hosts;

namespace Drover.Simulation.Tests.Networks;

/// <summary>An agent: one process after the other, with the records and processes of one host.</summary>
internal sealed class SimAgent(World world, string user, string site, Host host) : ITransport
{
    private Life? _life;
    private AgentLoop? _agent;
    private int _lives;

    internal string User => user;

    internal string Site => site;

    internal Host Host => host;

    /// <summary>How many versions older than the server the next processes are; below zero, newer. It speaks with neither.</summary>
    internal int VersionsBehind { get; set; }

    /// <summary>
    /// Whether the server hears nothing on its next connection, once it is welcome there; then it makes another one.
    /// </summary>
    internal bool NextIsUnheard { get; set; }

    internal bool Runs => _life is not null;

    /// <summary>What it has not got rid of, in words; null when nothing is left.</summary>
    internal string? Left => _agent is { } agent && (agent.Outbox.Unacknowledged > 0 || agent.Attempts.Known.Count > 0)
        ? $"{agent.Outbox.Unacknowledged} events that are not acknowledged, and attempts {string.Join(", ", agent.Attempts.Known)}"
        : null;

    public override string ToString() => $"agent {user}@{site}";

    /// <summary>Starts the process, unless one runs.</summary>
    internal void Start()
    {
        if (_life is null)
        {
            world.Note($"{this} starts for the {++_lives}. time");
            Life life = _life = new Life();
            world.Group.Start(() => LiveAsync(life), $"{this} {_lives}");
        }
    }

    /// <summary>kill -9. What it started runs on.</summary>
    internal void Crash()
    {
        if (_life is { } life)
        {
            world.Note($"{this} is killed");
            (_life, _agent) = (null, null);
            foreach (Link link in world.Network.Links.Where(link => link.Owner == this).ToArray())
            {
                link.LeaveAgent("the agent died");
            }

            life.IsOver = true;
            life.Scope?.Cancel("killed");
        }
    }

    public async Task<IServerSocket> ConnectAsync(TimeSpan heartbeat) => (await world.Network.ConnectAsync(this)).Socket;

    public Task<Stream> OpenInputsAsync(AttemptId attempt) => throw new NotSupportedException("No job has inputs here.");

    private async Task LiveAsync(Life life)
    {
        try
        {
            await RunAsync(life);
        }
        catch (Exception e) when (Crashed(e))
        {
            // As a dead process does: nothing.
        }
    }

    private static bool Crashed(Exception e) => e is CrashException || (e is AggregateException many && many.InnerExceptions.All(Crashed));

    private async Task RunAsync(Life life)
    {
        await CancelScope.RunAsync(
            async scope =>
            {
                life.Scope = scope;
                if (life.IsOver)
                {
                    return; // Killed before it did anything.
                }

                var options = new AgentOptions { Server = "http://simulated", Folder = "/", LongestPause = TimeSpan.FromSeconds(5) };
                var driver = new SimDriver(world, host, user, () => life.IsOver);
                var agent = new AgentLoop(options, $"folder-{user}-{site}", driver, this, new AgentLog(TextWriter.Null, EventLoop.Current.Time));
                _agent = agent;
                AgentEnd end = await agent.RunAsync();
                world.Note($"{this} ends: {end.Message}");
                life.IsOver = true;
                (_life, _agent) = (null, null);
            },
            name: $"{this}");
    }

    /// <summary>One process.</summary>
    private sealed class Life
    {
        internal CancelScope? Scope { get; set; }

        internal bool IsOver { get; set; }
    }
}
