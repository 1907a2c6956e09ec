using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Drover.Agent.Drivers;

namespace Drover.Agent.Connections;

/// <summary>WebSockets to a server whose address and token are asked for anew each time; what is long comes over HTTP.</summary>
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

    public async Task<Stream> OpenInputsAsync(AttemptId attempt)
    {
        Uri server = await address.FindAsync();
        string token = await address.ReadTokenAsync();
        Coroutine.Current.Situation = $"the inputs of {attempt} from {server}";
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // The token is for this server.
            UseProxy = !server.IsLoopback,
            ConnectTimeout = TimeSpan.FromSeconds(10),
        };
        var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            HttpResponseMessage response = await http.GetAsync(
                ServerAddress.Of(server, $"{AgentProtocol.InputsPath}{attempt}"), HttpCompletionOption.ResponseHeadersRead, CancelScope.Current.Token);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => new InputsStream(await response.Content.ReadAsStreamAsync(CancelScope.Current.Token), http),
                HttpStatusCode.NotFound or HttpStatusCode.BadRequest => throw new DriverException(await ReasonAsync(response)),
                _ => throw new IOException($"the server answered {(int)response.StatusCode}: {await ReasonAsync(response)}"),
            };
        }
        catch
        {
            http.Dispose();
            throw;
        }
    }

    private static async Task<string> ReasonAsync(HttpResponseMessage response)
    {
        try
        {
            byte[] body = await response.Content.ReadAsByteArrayAsync(CancelScope.Current.Token);
            return JsonSerializer.Deserialize(body, ProtocolJson.Default.Problem)?.Detail ?? "without a reason";
        }
        catch (JsonException)
        {
            return "without a reason";
        }
    }
}
