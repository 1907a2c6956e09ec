using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using Drover.Agent.Ops;

namespace Drover.Agent.Connections;

/// <summary>The WebSocket to the server. Sends on the loop; receives elsewhere, so that a busy loop answers pings.</summary>
internal sealed class ServerSocket : IServerSocket
{
    /// <summary>So many messages wait for a busy loop before the agent stops to receive.</summary>
    private const int MaxWaiting = 256;

    private readonly System.Threading.Channels.Channel<ServerMessage[]> _received = System.Threading.Channels.Channel.CreateBounded<ServerMessage[]>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true, SingleWriter = true });

    private readonly Uri _server;
    private readonly string _token;
    private readonly ClientWebSocket _socket = new();
    private readonly SocketsHttpHandler _handler;
    private WatchedStream? _stream;
    private string? _whyOver;

    private ServerSocket(Uri server, string token, TimeSpan heartbeat)
    {
        (_server, _token) = (server, token);
        _socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        _socket.Options.CollectHttpResponseDetails = true;
        _socket.Options.KeepAliveInterval = heartbeat;
        _socket.Options.KeepAliveTimeout = 2 * heartbeat;
        _handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // The token is for this server.
            UseProxy = !server.IsLoopback,
            PlaintextStreamFilter = (context, _) =>
            {
                _stream = new WatchedStream(context.PlaintextStream);
                return new ValueTask<Stream>(_stream);
            },
        };
    }

    public string Server => _server.ToString();

    public TimeSpan Silence => _stream?.Silence ?? TimeSpan.Zero;

    public string? WhyOver => Volatile.Read(ref _whyOver);

    /// <summary>Connects.</summary>
    /// <param name="server">The server's address.</param>
    /// <param name="token">The agent's token.</param>
    /// <param name="heartbeat">How often to ping; the server says only later how often it wants that.</param>
    /// <exception cref="TokenRefusedException">The server does not know the token.</exception>
    /// <exception cref="WebSocketException">The server cannot be reached, or does not want to.</exception>
    internal static async Task<ServerSocket> ConnectAsync(Uri server, string token, TimeSpan heartbeat)
    {
        var socket = new ServerSocket(server, token, heartbeat);
        try
        {
            var address = new UriBuilder(ServerAddress.Of(server, AgentProtocol.ConnectPath)) { Scheme = server.Scheme == "https" ? "wss" : "ws" };
            using var invoker = new HttpMessageInvoker(socket._handler, disposeHandler: false);
            await socket._socket.ConnectAsync(address.Uri, invoker, CancelScope.Current.Token);
            return socket;
        }
        catch (WebSocketException e) when (socket._socket.HttpStatusCode is { } status and (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden))
        {
            socket.Dispose();
            throw new TokenRefusedException(status, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> message) =>
        _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, CancelScope.Current.Token);

    /// <summary>
    /// Not on the loop: a WebSocket answers pings only while a receive is pending, and must do so while the loop is busy.
    /// When too much waits for the loop it pauses, and then pings stay unanswered, too: a loop that has stopped for so
    /// long is as good as dead.
    /// </summary>
    public async Task ReceiveAsync()
    {
        string why = await ReceiveUntilOverAsync(_received.Writer).ConfigureAwait(false);
        Fail(why);
        _received.Writer.TryComplete();
    }

    public ValueTask<bool> WaitForMessagesAsync() => _received.Reader.WaitToReadAsync(CancelScope.Current.Token);

    public bool TryTake([MaybeNullWhen(false)] out ServerMessage[] messages) => _received.Reader.TryRead(out messages);

    public IStreamPost PostFor(string connection) => new StreamPost(_server, _token, connection);

    private async Task<string> ReceiveUntilOverAsync(ChannelWriter<ServerMessage[]> received)
    {
        byte[] buffer = new byte[AgentProtocol.MaxMessageBytes + 1];
        try
        {
            while (true)
            {
                int length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None).ConfigureAwait(false);
                    length += part.Count;
                    if (part.MessageType != WebSocketMessageType.Text)
                    {
                        return part.MessageType == WebSocketMessageType.Close
                            ? $"The server closed the connection{(_socket.CloseStatusDescription is { Length: > 0 } why ? $": {why}" : "")}."
                            : "The server sent a binary message, which no version of the protocol has.";
                    }

                    if (length > AgentProtocol.MaxMessageBytes)
                    {
                        return $"The server sent a message longer than {AgentProtocol.MaxMessageBytes} bytes.";
                    }
                }
                while (!part.EndOfMessage);

                await received.WriteAsync(Parse(buffer.AsSpan(0, length))).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is JsonException or NotSupportedException) // The latter: it does not say of which type it is.
        {
            return $"The server sent something that is no message of the protocol: {e.Message}";
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or ChannelClosedException)
        {
            return $"The connection broke: {e.GetBaseException().Message}";
        }
    }

    private static ServerMessage[] Parse(ReadOnlySpan<byte> json)
    {
        // The serializer knows which members may be null, but not which elements; variables have a converter of their own.
        return HasNullElement(json) ? throw new JsonException("An element of a list is null.")
            : JsonSerializer.Deserialize(json, ProtocolJson.Default.ServerMessageArray) ?? throw new JsonException("It is null.");
    }

    private static bool HasNullElement(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        bool isMember = false;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Null && !isMember)
            {
                return true;
            }

            isMember = reader.TokenType == JsonTokenType.PropertyName;
        }

        return false;
    }

    public async Task CloseAsync(string why)
    {
        if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, why, CancelScope.Current.Token);
        }
    }

    public void Fail(string why)
    {
        Interlocked.CompareExchange(ref _whyOver, why, null);
        _socket.Abort();
    }

    public void Dispose()
    {
        _received.Writer.TryComplete();
        _socket.Dispose();
        _handler.Dispose();
    }
}
