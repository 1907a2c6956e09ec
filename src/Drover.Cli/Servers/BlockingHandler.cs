using System.Net;
using System.Net.Sockets;
using Drover.Client.Http;

namespace Drover.Cli.Servers;

/// <summary>
/// Sends a request and reads the answer on the caller's thread, which has nothing else to do: a command that asks this
/// machine's server one thing is done before the machinery for waiting without a thread would be prepared (a third of
/// <c>drover list</c>). Cancellation breaks the connection off. Not for answers that go on and on.
/// </summary>
internal sealed class BlockingHandler : DelegatingHandler
{
    /// <summary>For a server on this machine: making the connection cannot be canceled.</summary>
    /// <param name="server">Its address.</param>
    /// <param name="connect">Makes a connection; by default to where the server is.</param>
    public BlockingHandler(Uri server, Func<DnsEndPoint, Stream>? connect = null)
    {
        connect ??= Connect;
        SocketsHttpHandler handler = Handlers.Create(server);
        handler.ActivityHeadersPropagator = null; // Nothing is traced: it has ended before a trace would begin.
        handler.ConnectCallback = (context, _) => ValueTask.FromResult(connect(context.DnsEndPoint));
        InnerHandler = handler;
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = Send(request, cancellationToken);
        try
        {
            using CancellationTokenRegistration ending = cancellationToken.UnsafeRegister(static state => ((HttpResponseMessage)state!).Dispose(), response);
            using Stream body = response.Content.ReadAsStream(cancellationToken);
            var bytes = new MemoryStream((int)(response.Content.Headers.ContentLength ?? 0));
            body.CopyTo(bytes);
            var content = new ByteArrayContent(bytes.GetBuffer(), 0, (int)bytes.Length);
            content.Headers.ContentType = response.Content.Headers.ContentType;
            response.Content = content;
            return Task.FromResult(response);
        }
        catch (Exception e)
        {
            response.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw e is ObjectDisposedException ? new IOException(e.Message, e) : e;
        }
    }

    private static Stream Connect(DnsEndPoint server)
    {
        if (OperatingSystem.IsLinux() && server.Host == "127.0.0.1")
        {
            return LoopbackStream.Connect(server.Port);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(server.Host, server.Port);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new SocketException((int)e.SocketErrorCode); // Without the address, which is said anyway.
        }
    }
}
