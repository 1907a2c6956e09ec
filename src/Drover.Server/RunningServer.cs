using System.Net;
using System.Net.Sockets;
using Drover.Server.Api;
using Drover.Server.Configuration;
using Drover.Server.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Drover.Server;

/// <summary>A server that listens by itself: a <see cref="DroverServer"/> and the web server in front of it.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    /// <summary>So much of a request is received before anybody reads it: files pass through, and many at a time.</summary>
    private const int MostUnread = 512 << 10;

    private static readonly TimeSpan s_requestsMayTake = TimeSpan.FromSeconds(2);

    private readonly CleanUps _cleanUps = new();

    private RunningServer()
    {
    }

    /// <summary>Where it listens.</summary>
    internal string Url { get; private set; } = "";

    /// <summary>Starts one. When that fails nothing is left of it.</summary>
    /// <param name="launch">How.</param>
    /// <param name="stop">What an administrator's request to stop calls.</param>
    /// <exception cref="ConfigurationException">The configuration has mistakes.</exception>
    /// <exception cref="StorageException">The data folder or its database cannot be used.</exception>
    /// <exception cref="ServerStartException">Something else prevents it: the port is in use.</exception>
    internal static async Task<RunningServer> StartAsync(ServerLaunch launch, Action stop)
    {
        var server = new RunningServer();
        return await CleanUps.AllOrNothingAsync(server, () => server.BeginAsync(launch, stop));
    }

    /// <summary>Stops it: no new requests, the connections of agents end, what is known goes to disk. Jobs and agents go on.</summary>
    public ValueTask DisposeAsync() => _cleanUps.DisposeAsync();

    private async Task BeginAsync(ServerLaunch launch, Action stop)
    {
        DroverServer server = await DroverServer.StartAsync(launch, ServerSurroundings.OfProgram(stop, launch.AddLogs));
        _cleanUps.Add(server.DisposeAsync);
        var pipeline = new ApiPipeline(server.Parts);
        _cleanUps.Add(pipeline.DisposeAsync);
        WebApplication app = await ServeAsync(launch, server.Parts.Options, pipeline);
        _cleanUps.Add(app.DisposeAsync);
        _cleanUps.Add(async () =>
        {
            using var patience = new CancellationTokenSource(s_requestsMayTake);
            await app.StopAsync(patience.Token);
        });
        _cleanUps.Add(server.LeaveAsync);
        Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        server.Announce(Url);
    }

    /// <summary>Connections inherit from it that they end two minutes after the other side is gone without a word.</summary>
    private static Socket Bind(EndPoint endpoint)
    {
        Socket socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 15);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
        return socket;
    }

    private static async Task<WebApplication> ServeAsync(ServerLaunch launch, ServerOptions options, ApiPipeline pipeline)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        IPEndPoint endpoint = launch.Port is { } port ? new IPEndPoint(options.Listen.Address, port) : options.Listen;
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(endpoint);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBufferSize = MostUnread;
        });
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, LargeBlocks>();
        builder.Services.Configure<SocketTransportOptions>(sockets =>
        {
            // What a request does before its first wait is short here, so no thread has to be woken for it.
            sockets.UnsafePreferInlineScheduling = true;
            sockets.CreateBoundListenSocket = Bind;
        });
        ServerLogs.Configure(builder.Logging, options);
        launch.AddLogs?.Invoke(builder.Logging);
        WebApplication app = builder.Build();
        app.Run(pipeline.AnswerAsync);
        try
        {
            await app.StartAsync();
        }
        catch (IOException e)
        {
            await app.DisposeAsync();
            throw new ServerStartException(
                e.InnerException?.InnerException is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } || e.Message.Contains("in use", StringComparison.Ordinal)
                    ? $"Port {endpoint.Port} of {endpoint.Address} is in use by another program: choose another with --port, or with 'listen' in drover.yaml; without one, any free port is taken."
                    : $"Cannot listen on {endpoint}: {e.Message}",
                e);
        }

        return app;
    }
}
