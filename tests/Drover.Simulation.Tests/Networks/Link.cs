using System.Text.Json;
using Drover.Server.Storage;
using Drover.Server.Supervision;

namespace Drover.Simulation.Tests.Networks;

/// <summary>One connection: two directions, each in order, each message on its way for a while.</summary>
internal sealed class Link
{
    private const int MostOnTheWay = 10_000;

    private readonly World _world;
    private readonly SimAgent _agent;
    private readonly Channel<IReadOnlyList<ServerMessage>> _toAgent = new(MostOnTheWay, "to the agent");
    private readonly Channel<byte[]> _toServer = new(MostOnTheWay, "to the server");
    private readonly Event _broken = new("end of the connection");
    private DateTimeOffset? _stalledSince;
    private readonly Event _moves = new("the network moves");
    private readonly Event _answersMove = new("the network moves back");
    private AgentSession? _session;

    internal Link(World world, SimAgent agent, int number)
    {
        (_world, _agent, Number) = (world, agent, number);
        Socket = new SimSocket(world, this);
        _moves.Set();
        _answersMove.Set();
    }

    internal int Number { get; }

    internal SimAgent Owner => _agent;

    internal SimSocket Socket { get; }

    internal bool IsBroken => _broken.IsSet;

    /// <summary>For how long nothing has got through, not even a ping.</summary>
    internal TimeSpan Silence => _stalledSince is { } since ? World.Now - since : TimeSpan.Zero;

    /// <summary>The server's end of it, once it has accepted the agent.</summary>
    internal AgentSession? Session => _session;

    public override string ToString() => $"connection {Number} of {_agent}";

    internal void Send(byte[] message)
    {
        if (!IsBroken && Socket.WhyOver is null)
        {
            _toServer.TrySend(message);
        }
    }

    /// <summary>Nothing gets through until it moves again; neither side is told.</summary>
    /// <param name="onlyToServer">The server's messages still come.</param>
    internal void Stall(bool onlyToServer = false)
    {
        if (_stalledSince is null && !IsBroken)
        {
            _world.Note($"{this} stalls");
            _stalledSince = World.Now;
            _moves.Reset();
            if (!onlyToServer)
            {
                _answersMove.Reset();
            }

            _world.Group.Start(GiveUpAsync, $"heartbeats of {this}");
        }
    }

    internal void Move()
    {
        if (_stalledSince is not null)
        {
            _world.Note($"{this} moves again");
            _stalledSince = null;
            _moves.Set();
            _answersMove.Set();
        }
    }

    /// <summary>It is over for both sides. What was on its way is lost.</summary>
    internal void Break(string why)
    {
        if (IsBroken)
        {
            return;
        }

        _world.Note($"{this} is over: {why}");
        _broken.Set();
        _moves.Set();
        _answersMove.Set();
        _toAgent.Close(why);
        _toServer.Close(why);
        Socket.Over(why);
        _world.Network.Remove(this);
    }

    /// <summary>
    /// The agent's side is over at once. What it had sent still arrives, perhaps after what its next connection brings; only
    /// then the server learns of the end.
    /// </summary>
    internal void LeaveAgent(string why)
    {
        if (!IsBroken && Socket.WhyOver is null)
        {
            _world.Note($"{this}: the agent's end is over: {why}");
            Socket.Over(why);
            _world.Group.Start(
                async () =>
                {
                    await Coroutine.SleepAsync(_world.Between(0.0001, 2), "news of the end");
                    await _moves.WaitAsync("the network");
                    await Coroutine.SleepAsync(_world.Between(0.0001, 0.1), "what is still on its way");
                    Break(why);
                },
                $"end of {this}");
        }
    }

    /// <summary>Starts the server's side, as the web server does for a WebSocket.</summary>
    internal void Serve()
    {
        _world.Server.StartInside(ServeAsync, $"{this}");
        _world.Group.Start(CarryToAgentAsync, $"{this} to the agent");
    }

    /// <summary>The server's pings stay unanswered: it ends the connection. The agent watches for itself.</summary>
    private async Task GiveUpAsync()
    {
        TimeSpan patience = 2 * _world.Server.Options.Agents.Heartbeat;
        DateTimeOffset? since = _stalledSince;
        await Coroutine.SleepAsync(patience, "pings");
        if (_stalledSince == since && since is not null)
        {
            Break("the server heard nothing");
        }
    }

    /// <summary>The server has ended it. What comes until the other side knows is still read.</summary>
    private async Task EndAsync()
    {
        await Coroutine.SleepAsync(_world.Between(0.0001, 0.1), "the end of the connection");
        if (_world.Happens(0.5))
        {
            Move();
        }

        await Coroutine.SleepAsync(_world.Between(0.0001, 1), "the end of the connection");
        Break("the server ended it");
    }

    private async Task MoveLaterAsync()
    {
        await Coroutine.SleepAsync(_world.Between(0.01, 60), "the network");
        Move();
    }

    /// <summary>The agent makes another connection, while what it says on this one has not come.</summary>
    private async Task LeaveLaterAsync()
    {
        await Coroutine.SleepAsync(_world.Between(0.005, 2), "the agent's network");
        LeaveAgent("the agent's network is another one");
        await MoveLaterAsync();
    }

    private async Task ServeAsync(Supervisor supervisor)
    {
        try
        {
            if ((await ReceiveAsync()) is not [AgentMessage.Hello hello])
            {
                return;
            }

            hello = hello with { Protocol = AgentProtocol.Version - _agent.VersionsBehind };

            var session = new AgentSession($"link-{Number}", hello, messages => Deliver(messages));
            _session = session;
            ServerMessage answer = await supervisor.Agents.AttachAsync(session, _agent.User, _agent.Site);
            Deliver([answer]);
            if (_world.Happens(_world.Network.Stalling))
            {
                Stall(onlyToServer: true);
                _world.Group.Start(MoveLaterAsync, "later");
            }

            if (answer is ServerMessage.Refused)
            {
                return;
            }

            if (_agent.NextIsUnheard)
            {
                _agent.NextIsUnheard = false;
                Stall(onlyToServer: true);
                _world.Group.Start(LeaveLaterAsync, "later");
            }

            while (await ReceiveAsync() is { } messages)
            {
                supervisor.Agents.Receive(session, _agent.User, _agent.Site, messages);
            }
        }
        catch (StorageException)
        {
            // The web server ends the request.
        }
        finally
        {
            if (_session is not null && _world.Server.Supervisor == supervisor)
            {
                supervisor.Agents.Detach(_session, _agent.User, _agent.Site);
            }

            Break("the server closed it");
        }
    }

    private void Deliver(IReadOnlyList<ServerMessage>? messages)
    {
        if (messages is null)
        {
            _world.Group.Start(EndAsync, "end of a connection");
        }
        else if (!IsBroken)
        {
            _toAgent.TrySend(messages);
        }
    }

    private async Task<AgentMessage[]?> ReceiveAsync()
    {
        Outcome<byte[]> message = await _toServer.TryReceiveAsync("messages of the agent");
        if (!message.TryGetValue(out byte[]? json))
        {
            CancelScope.Current.ThrowIfCanceled();
            return null;
        }

        await Coroutine.SleepAsync(_world.Between(0.00005, _world.Network.Latency), "the network");
        await _moves.WaitAsync("the network");
        return IsBroken ? null : JsonSerializer.Deserialize(json, ProtocolJson.Default.AgentMessageArray);
    }

    private async Task CarryToAgentAsync()
    {
        while ((await _toAgent.TryReceiveAsync("messages of the server")).TryGetValue(out IReadOnlyList<ServerMessage>? messages))
        {
            await Coroutine.SleepAsync(_world.Between(0.00005, _world.Network.Latency), "the network");
            await _answersMove.WaitAsync("the network");
            if (IsBroken)
            {
                return;
            }

            if (_world.Happens(_world.Network.Repeating))
            {
                messages = [.. messages, .. messages.OfType<ServerMessage.Acknowledged>()];
            }

            byte[] json = JsonSerializer.SerializeToUtf8Bytes([.. messages], ProtocolJson.Default.ServerMessageArray);
            Socket.Receive(JsonSerializer.Deserialize(json, ProtocolJson.Default.ServerMessageArray)!);
        }
    }
}
