namespace Drover.Agent.Connections;

/// <summary>WebSockets to a server whose address and token are asked for anew each time.</summary>
/// <param name="address">Where it is.</param>
internal sealed class WebSocketTransport(ServerAddress address) : ITransport
{
    public async Task<IServerSocket> ConnectAsync(TimeSpan heartbeat)
    {
        Uri server = await address.FindAsync();
        string token = await address.ReadTokenAsync();
        Coroutine.Current.Situation = $"a connection to {server}";
        return await ServerSocket.ConnectAsync(server, token, heartbeat);
    }
}
