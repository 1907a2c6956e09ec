namespace Drover.Simulation.Tests.Networks;

/// <summary>The network between agents and the server: connections that are slow, stall, and break.</summary>
internal sealed class Network(World world)
{
    private readonly List<Link> _links = [];
    private int _last;

    /// <summary>Whether new connections can be made.</summary>
    internal bool IsUp { get; set; } = true;

    internal IReadOnlyList<Link> Links => _links;

    /// <summary>How often an acknowledgement comes twice.</summary>
    internal double Repeating { get; set; } = 0.05;

    /// <summary>How often a connection stalls as soon as the agent is welcome.</summary>
    internal double Stalling { get; set; }

    /// <summary>The longest that a message takes, in seconds.</summary>
    internal double Latency { get; set; } = 0.01;

    /// <summary>Makes a connection from an agent to the server.</summary>
    internal async Task<Link> ConnectAsync(SimAgent agent)
    {
        await Coroutine.SleepAsync(world.Between(0.0001, Latency), "the network");
        if (!IsUp || world.Server.Supervisor is null)
        {
            throw new IOException("Connection refused.");
        }

        var link = new Link(world, agent, ++_last);
        _links.Add(link);
        link.Serve();
        return link;
    }

    internal void Remove(Link link) => _links.Remove(link);

    /// <summary>The kernel tells the other side of each connection at once.</summary>
    internal void ServerDied()
    {
        foreach (Link link in _links.ToArray())
        {
            link.Break("the server died");
        }
    }
}
