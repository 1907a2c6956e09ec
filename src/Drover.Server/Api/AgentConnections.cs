using System.Buffers;
using System.Globalization;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text.Json;
using Drover.Server.Configuration;
using Drover.Server.Storage;
using Drover.Server.Supervision;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Api;

/// <summary>The connections of agents: WebSockets for messages, requests for the bytes that ops asked for.</summary>
internal sealed partial class AgentConnections(
    EventLoop loop, AgentDirectory agents, Callers callers, ServerOptions options, ILogger<AgentConnections> log, CancellationToken stopping)
{
    private static readonly TimeSpan s_helloWithin = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_goodbyeWithin = TimeSpan.FromSeconds(1);

    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.Map(AgentProtocol.ConnectPath, ConnectAsync);
        routes.MapPost(AgentProtocol.StreamPath + "{op:long}", StreamAsync);
    }

    private async Task ConnectAsync(HttpContext http)
    {
        TokenRow token = await callers.AgentAsync(http);
        if (!http.WebSockets.IsWebSocketRequest)
        {
            throw ApiException.Bad("Agents connect here, with a WebSocket.");
        }

        using WebSocket socket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            KeepAliveInterval = 0.8 * options.Agents.Heartbeat, // .NET looks at every quarter of it, and so sends up to a quarter later.
            KeepAliveTimeout = options.Agents.Heartbeat * 2,
        });
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        try
        {
            await ServeAsync(socket, token, ending);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or JsonException or NotSupportedException or InvalidDataException)
        {
            // Not supported is a message that does not say of which type it is.
            LogBroken(token.Agent!, e.Message);
        }
    }

    /// <summary>One connection, from the hello to its end.</summary>
    private async Task ServeAsync(WebSocket socket, TokenRow token, CancellationTokenSource ending)
    {
        (string user, string site) = (token.User, token.Site!);
        AgentSession? session = null;
        try
        {
            session = await HelloAsync(socket, ending.Token);
            session.OnEnd = () => ending.CancelAfter(s_goodbyeWithin); // Who does not read is not waited for.
            ServerMessage answer = await loop.InvokeAsync(() => agents.AttachAsync(session, user, site), $"attach {token.Agent}");
            await SendAsync(socket, SocketMessages.Of([answer]).Single(), ending.Token);
            if (answer is ServerMessage.Refused refused)
            {
                LogRefused(token.Agent!, refused.Reason);
                await socket.CloseOutputAsync(WebSocketCloseStatus.PolicyViolation, "refused", ending.Token);
                return;
            }

            Task receiving = ReceiveAllAsync(socket, session, user, site, ending.Token);
            Task sending = SendAllAsync(socket, session, ending.Token);
            await Task.WhenAny(receiving, sending);
            if (session.WhyEnded is { } why)
            {
                LogEnded(token.Agent!, why);
            }

            await ending.CancelAsync();
            await Task.WhenAll(receiving, sending);
        }
        finally
        {
            if (session is not null)
            {
                await loop.InvokeAsync(() => agents.Detach(session, user, site), $"detach {token.Agent}");
            }
        }
    }

    private static async Task<AgentSession> HelloAsync(WebSocket socket, CancellationToken ending)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ending);
        patience.CancelAfter(s_helloWithin);
        return await ReceiveAsync(socket, patience.Token) is [AgentMessage.Hello hello]
            && !hello.Limits.Contains(null!) // The serializer does not see to that in what a list has.
            ? new AgentSession(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), hello)
            : throw new InvalidDataException("its first message is no hello, or has a null in a list");
    }

    private async Task ReceiveAllAsync(
        WebSocket socket, AgentSession session, string user, string site, CancellationToken ending)
    {
        while (await ReceiveAsync(socket, ending) is { } messages)
        {
            await loop.InvokeAsync(() => agents.Receive(session, user, site, messages), "receive");
        }
    }

    /// <summary>
    /// The next messages; null when the agent has closed the connection. Waits without a buffer: a thousand agents that
    /// have nothing to say would hold 64 MiB.
    /// </summary>
    private static async Task<AgentMessage[]?> ReceiveAsync(WebSocket socket, CancellationToken ending)
    {
        await socket.ReceiveAsync(Memory<byte>.Empty, ending);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(AgentProtocol.MaxMessageBytes);
        try
        {
            return await ReceiveAsync(socket, buffer.AsMemory(0, AgentProtocol.MaxMessageBytes), ending) is { } length
                ? JsonSerializer.Deserialize(buffer.AsSpan(0, length), ProtocolJson.Default.AgentMessageArray)
                    ?? throw new InvalidDataException("it sent a null instead of messages")
                : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>How long the next message is; null when there is none, because the agent has closed the connection.</summary>
    private static async Task<int?> ReceiveAsync(WebSocket socket, Memory<byte> buffer, CancellationToken ending)
    {
        int length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult part = await socket.ReceiveAsync(buffer[length..], ending);
            length += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            if (part.EndOfMessage)
            {
                return length;
            }

            if (length == buffer.Length)
            {
                throw new InvalidDataException($"it sent a message longer than {Quantities.Bytes(AgentProtocol.MaxMessageBytes)}");
            }
        }
    }

    /// <summary>
    /// Sends what the session gives. It may be called on by the supervision loop, and must not stay there: hence no
    /// captured context.
    /// </summary>
    private static async Task SendAllAsync(WebSocket socket, AgentSession session, CancellationToken ending)
    {
        while (await session.Outgoing.WaitToReadAsync(ending).ConfigureAwait(false))
        {
            while (session.Outgoing.TryRead(out byte[]? message))
            {
                await SendAsync(socket, message, ending).ConfigureAwait(false);
                session.Sent(message);
            }
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, session.WhyEnded, ending).ConfigureAwait(false);
    }

    private static ValueTask SendAsync(WebSocket socket, byte[] message, CancellationToken ending) =>
        socket.SendAsync(message.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, ending);

    /// <summary>An agent posts what an op asked for: hands its body to whoever waits for it.</summary>
    private async Task StreamAsync(HttpContext http)
    {
        TokenRow token = await callers.AgentAsync(http);
        string? connection = http.Request.Headers[AgentProtocol.ConnectionHeader];
        var id = new OpId(long.Parse((string)http.Request.RouteValues["op"]!, CultureInfo.InvariantCulture));
        PendingOp? op = await loop.InvokeAsync(
            () => agents.AgentOf(token.User, token.Site!).Connection is { } session && session.Id == connection ? session.Ops.Find(id) : null,
            "find an op");
        if (op is null)
        {
            throw new ApiException(410, "notFound", "Nobody waits for this op any more.");
        }

        http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = null;
        http.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = null; // A job may be silent for hours.
        using (http.RequestAborted.Register(() => op.Fail(new AgentAwayException("The agent broke off."))))
        {
            await op.OfferAsync(new AgentStream(
                http.Request.Body,
                Header(http, AgentProtocol.OffsetHeader),
                Header(http, AgentProtocol.TotalHeader),
                Header(http, AgentProtocol.ModifiedHeader),
                Header(http, AgentProtocol.FilesHeader)));
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static long? Header(HttpContext http, string name) =>
        long.TryParse(http.Request.Headers[name], CultureInfo.InvariantCulture, out long value) ? value : null;

    [LoggerMessage(LogLevel.Information, "The connection of agent '{Agent}' broke: {Reason}")]
    private partial void LogBroken(string agent, string reason);

    [LoggerMessage(LogLevel.Information, "The server ended the connection of agent '{Agent}': {Reason}")]
    private partial void LogEnded(string agent, string reason);

    [LoggerMessage(LogLevel.Warning, "Agent '{Agent}' was refused: {Reason}")]
    private partial void LogRefused(string agent, string reason);
}
