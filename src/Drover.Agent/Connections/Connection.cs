using Drover.Agent.Ops;

namespace Drover.Agent.Connections;

/// <summary>One connection to the server, from the first message to the last.</summary>
/// <param name="socket">The open socket.</param>
/// <param name="agent">What the agent has.</param>
internal sealed class Connection(IServerSocket socket, AgentLoop agent) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private readonly MessageBatch _batch = new();
    private readonly TimeProvider _time = EventLoop.Current.Time;
    private readonly Event _welcomed = new("welcomed");
    private long _welcomedAt;
    private IStreamPost? _post;
    private OpTable? _ops;

    /// <summary>
    /// Talks with the server until the connection is over. Everything that was received has been dispatched then: the
    /// attempts that the server ordered are in the table when the next connection says which are known.
    /// </summary>
    internal Task<ConnectionEnd> RunAsync() => TaskGroup.RunAsync(RunInAsync, "connection");

    public void Dispose() => _post?.Dispose();

    private async Task<ConnectionEnd> RunInAsync(TaskGroup connection)
    {
        connection.Start(ReceiveAsync, "receive");
        try
        {
            return await TalkAsync(connection);
        }
        finally
        {
            agent.IsConnected = false;
            await CancelScope.ShieldAsync(TimeSpan.FromSeconds(1), SayGoodbyeAsync, "goodbye");
            socket.Fail("The agent ended the connection.");
            connection.Cancel("the connection is over");
        }
    }

    private async Task<ConnectionEnd> TalkAsync(TaskGroup connection)
    {
        connection.Start(WatchAsync, "heartbeat");
        await SendAsync(agent.Identity);
        while (await WaitForMessagesAsync())
        {
            while (socket.TryTake(out ServerMessage[]? messages))
            {
                foreach (ServerMessage message in messages)
                {
                    switch (message)
                    {
                        case ServerMessage.Refused refused:
                            return new ConnectionEnd.NotAccepted($"The server refuses this agent: {refused.Reason}");
                        case ServerMessage.Welcome welcome when !_welcomed.IsSet:
                            Enter(welcome);
                            connection.Start(ReportAsync, "report");
                            _post = socket.PostFor(welcome.Connection);
                            _ops = new OpTable(agent, _post, connection);
                            break;
                        default:
                            Dispatch(message);
                            break;
                    }
                }
            }
        }

        TimeSpan lasted = !_welcomed.IsSet ? TimeSpan.Zero : _time.GetElapsedTime(_welcomedAt);
        return new ConnectionEnd.Lost(socket.WhyOver ?? "The connection is over.", lasted);
    }

    private void Dispatch(ServerMessage message)
    {
        switch (message)
        {
            case ServerMessage.Run run:
                agent.Attempts.Run(run.Order);
                break;
            case ServerMessage.Stop stop:
                agent.Attempts.Stop(stop.Attempt, stop.Order);
                break;
            case ServerMessage.Acknowledged acknowledged:
                agent.Outbox.Acknowledge(acknowledged.Events);
                break;
            case ServerMessage.Purge purge:
                agent.Purger.Add(purge.RunDirectories);
                break;
            case ServerMessage.Leave:
                if (!agent.TryLeave())
                {
                    socket.Fail("The server let it go, but there is something to do: it stays, and connects anew to say so.");
                }

                break;
            case ServerMessage.EndOp end:
                _ops?.End(end.Op);
                break;
            default:
                if (_ops is null || !_ops.TryBegin(message))
                {
                    socket.Fail($"The server sent {message.GetType().Name} where it has no place.");
                }

                break;
        }
    }

    private async Task<bool> WaitForMessagesAsync()
    {
        Coroutine.Current.Situation = "messages of the server";
        return await socket.WaitForMessagesAsync();
    }

    private async Task ReceiveAsync()
    {
        Coroutine.Current.Situation = "messages of the server";
        await socket.ReceiveAsync();
    }

    private void Enter(ServerMessage.Welcome welcome)
    {
        _welcomed.Set();
        _welcomedAt = _time.GetTimestamp();
        agent.Enter(welcome);
        agent.Log.Write($"Connected to {socket.Server} as {welcome.Agent}; the server's version is {welcome.Version}.");
    }

    /// <summary>Tells which attempts are known, and from then on whatever happens.</summary>
    private async Task ReportAsync()
    {
        agent.Outbox.Rewind();
        foreach (AttemptId[] some in agent.Attempts.Known.ToArray().Chunk(AgentProtocol.MaxKnownInMessage))
        {
            if (!await SendAsync(new AgentMessage.Known(some)))
            {
                return;
            }
        }

        if (!await SendAsync(new AgentMessage.Ready()))
        {
            return;
        }

        agent.IsConnected = true;
        do
        {
            _batch.Clear();
            await agent.Outbox.FillAsync(_batch);
        }
        while (await SendBatchAsync());
    }

    /// <summary>
    /// Gives up when the server does not answer. Then both sides ping, and when nothing at all comes for twice that time,
    /// nobody is there any more.
    /// </summary>
    private async Task WatchAsync()
    {
        await CancelScope.MoveOnAfterAsync(s_patience, async () => await _welcomed.TryWaitAsync("the server's welcome"));
        if (!_welcomed.IsSet)
        {
            socket.Fail($"The server did not answer within {s_patience.TotalSeconds:0} s.");
            return;
        }

        TimeSpan patience = 2 * agent.Heartbeat;
        while (socket.Silence < patience)
        {
            await Coroutine.SleepAsync(patience - socket.Silence, "signs of life of the server");
        }

        socket.Fail($"Nothing came from the server for {Quantities.Duration(patience)}.");
    }

    private Task<bool> SendAsync(AgentMessage message)
    {
        _batch.Clear();
        if (!_batch.TryAdd(message))
        {
            throw new InvalidOperationException($"{message.GetType().Name} is too long for a message.");
        }

        return SendBatchAsync();
    }

    /// <summary>False when the connection is over.</summary>
    private async Task<bool> SendBatchAsync()
    {
        try
        {
            await socket.SendAsync(_batch.Complete());
            return true;
        }
        catch (Exception e) when (NetworkErrors.Include(e))
        {
            socket.Fail($"The connection broke: {e.GetBaseException().Message}");
            return false;
        }
    }

    private async Task SayGoodbyeAsync()
    {
        try
        {
            await socket.CloseAsync("goodbye");
        }
        catch (Exception e) when (NetworkErrors.Include(e))
        {
            // Whoever is gone needs no goodbye.
        }
    }
}
