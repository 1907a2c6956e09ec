using Drover.Agent;
using Drover.Agent.Connections;
using Drover.Simulation.Tests.Hosts;

namespace Drover.Simulation.Tests.Networks;

/// <summary>An agent: one process after the other, with the records and processes of one host.</summary>
internal sealed class SimAgent(World world, string user, string site, Host host) : ITransport
{
    private CancelScope? _life;
    private int _lives;

    internal string User => user;

    internal string Site => site;

    internal Host Host => host;

    /// <summary>Whether the next processes are of an older version, which the server does not speak with.</summary>
    internal bool IsOld { get; set; }

    internal bool Runs => _life is not null;

    public override string ToString() => $"agent {user}@{site}";

    /// <summary>Starts the process, unless one runs.</summary>
    internal void Start()
    {
        if (_life is null)
        {
            int life = ++_lives;
            world.Note($"{this} starts for the {life}. time");
            world.Group.Start(LiveAsync, $"{this} {life}");
        }
    }

    /// <summary>kill -9. What it started runs on.</summary>
    internal void Crash()
    {
        if (_life is { } life)
        {
            world.Note($"{this} is killed");
            _life = null;
            foreach (Link link in world.Network.Links.Where(link => link.Owner == this).ToArray())
            {
                link.LeaveAgent("the agent died");
            }

            life.Cancel("killed");
        }
    }

    public async Task<IServerSocket> ConnectAsync(TimeSpan heartbeat) => (await world.Network.ConnectAsync(this)).Socket;

    public Task<Stream> OpenInputsAsync(AttemptId attempt) => throw new NotSupportedException("No job has inputs here.");

    private async Task LiveAsync()
    {
        try
        {
            await RunAsync();
        }
        catch (Exception e) when (Crashed(e))
        {
            // As a dead process does: nothing.
        }
    }

    private static bool Crashed(Exception e) => e is CrashException || (e is AggregateException many && many.InnerExceptions.All(Crashed));

    private async Task RunAsync()
    {
        await CancelScope.RunAsync(
            async scope =>
            {
                _life = scope;
                var options = new AgentOptions { Server = "http://simulated", Folder = "/", LongestPause = TimeSpan.FromSeconds(5) };
                var driver = new SimDriver(world, host, user, () => _life != scope);
                var agent = new AgentLoop(options, $"folder-{user}-{site}", driver, this, new AgentLog(TextWriter.Null, EventLoop.Current.Time));
                AgentEnd end = await agent.RunAsync();
                world.Note($"{this} ends: {end.Message}");
                _life = null;
            },
            name: $"{this}");
    }
}
