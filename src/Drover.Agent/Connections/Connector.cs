using System.Net.WebSockets;

namespace Drover.Agent.Connections;

/// <summary>Makes connections to the server.</summary>
/// <param name="transport">The way to it.</param>
/// <param name="agent">Who connects.</param>
internal sealed class Connector(ITransport transport, AgentLoop agent)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Connects, and returns when that has failed or the connection is over.</summary>
    internal async Task<ConnectionEnd> ConnectAsync()
    {
        Outcome<IServerSocket> opened;
        try
        {
            opened = await CancelScope.MoveOnAfterAsync(s_patience, () => transport.ConnectAsync(agent.Heartbeat));
        }
        catch (TokenRefusedException e)
        {
            return new ConnectionEnd.NotAccepted($"{e.Message} Ask for another one, and start the agent with it.");
        }
        catch (Exception e) when (NetworkErrors.Include(e) || e is UnauthorizedAccessException or UriFormatException)
        {
            return new ConnectionEnd.Lost($"The server cannot be reached: {Sentence((e is WebSocketException ? e.GetBaseException() : e).Message)}", TimeSpan.Zero);
        }

        if (!opened.TryGetValue(out IServerSocket? socket))
        {
            return new ConnectionEnd.Lost($"The server did not answer within {s_patience.TotalSeconds:0} s.", TimeSpan.Zero);
        }

        using (socket)
        {
            using var connection = new Connection(socket, agent);
            return await connection.RunAsync();
        }
    }

    private static string Sentence(string text) => text.EndsWith('.') ? text : text + ".";
}
