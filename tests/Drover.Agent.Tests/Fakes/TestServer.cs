using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Drover.Agent.Tests.Fakes;

/// <summary>A real web server on loopback that lets the test play the server's part.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    internal const string Token = "agent-secret";
    private readonly WebApplication _app;
    private readonly System.Threading.Channels.Channel<Peer> _peers = System.Threading.Channels.Channel.CreateUnbounded<Peer>();
    private readonly ConcurrentDictionary<long, TaskCompletionSource<Upload>> _uploads = new();
    private readonly CancellationTokenSource _stopping = new();

    private TestServer(WebApplication app) => _app = app;

    /// <summary>What is answered instead of a connection.</summary>
    internal int? ConnectStatus { get; set; }

    /// <summary>What is answered to streams before their body is read.</summary>
    internal int? StreamStatus { get; set; }

    /// <summary>Whether it lets go of a stream when the agent has; otherwise the test can still read what came of it.</summary>
    internal bool LetsGoOfStreams { get; set; }

    /// <summary>The inputs of every attempt.</summary>
    internal Func<HttpContext, Task> Inputs { get; set; } = static http => http.Response.WriteAsync("inputs");

    /// <summary>How often it pings.</summary>
    internal TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often somebody tried to connect.</summary>
    internal int Tries => _tries;

    /// <summary>How long it waits for the answer to a ping.</summary>
    internal TimeSpan PongTime { get; set; } = TimeSpan.FromSeconds(30);

    internal string Url { get; private set; } = "";

    private int _tries;

    internal static async Task<TestServer> StartAsync(int port = 0)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        WebApplication app = builder.Build();
        var server = new TestServer(app);
        app.UseWebSockets();
        app.Map(AgentProtocol.ConnectPath, server.ConnectAsync);
        app.MapPost(AgentProtocol.StreamPath + "{op:long}", server.UploadAsync);
        app.MapGet(AgentProtocol.InputsPath + "{attempt}", (HttpContext http) => server.Inputs(http));
        await app.StartAsync();
        server.Url = app.Urls.Single();
        return server;
    }

    /// <summary>The next agent that connects.</summary>
    internal Task<Peer> AcceptAsync() => _peers.Reader.ReadAsync().Within();

    /// <summary>The next agent that connects, after the handshake.</summary>
    internal async Task<Peer> WelcomeAsync(double? idleSeconds = null, double? heartbeatSeconds = null)
    {
        Peer peer = await AcceptAsync();
        await peer.WelcomeAsync(idleSeconds, heartbeatSeconds ?? Heartbeat.TotalSeconds);
        return peer;
    }

    /// <summary>The stream that an op is answered with.</summary>
    internal Task<Upload> UploadOfAsync(long op) => Uploads(op).Task.Within();

    internal bool HasUpload(long op) => Uploads(op).Task.IsCompleted;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        using var shortly = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(shortly.Token);
        await _app.DisposeAsync();
        _stopping.Dispose();
    }

    private TaskCompletionSource<Upload> Uploads(long op) =>
        _uploads.GetOrAdd(op, _ => new TaskCompletionSource<Upload>(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task ConnectAsync(HttpContext context)
    {
        Interlocked.Increment(ref _tries);
        if ((ConnectStatus ?? (context.Request.Headers.Authorization == $"Bearer {Token}" ? null : 401)) is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { KeepAliveInterval = Heartbeat, KeepAliveTimeout = PongTime });
        var peer = new Peer(socket);
        await _peers.Writer.WriteAsync(peer);
        await peer.Closed.WaitAsync(_stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        socket.Abort();
    }

    private async Task UploadAsync(HttpContext context)
    {
        long op = long.Parse((string)context.Request.RouteValues["op"]!, CultureInfo.InvariantCulture);
        if (StreamStatus is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        var upload = new Upload(context);
        Uploads(op).TrySetResult(upload);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, LetsGoOfStreams ? context.RequestAborted : default);
        await upload.Answered.WaitAsync(over.Token).ContinueWith(_ => { }, TaskScheduler.Default);
    }
}
