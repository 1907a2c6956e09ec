using Drover.Server.Api;
using Drover.Server.Configuration;
using Drover.Server.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Drover.Server.Hosting;

/// <summary>The Drover server of an application, for the application. May be used from several threads at once.</summary>
/// <param name="options">How it is hosted.</param>
/// <param name="logs">The application's log.</param>
public sealed class DroverHost(IOptions<DroverHostOptions> options, ILoggerFactory logs) : IAsyncDisposable
{
    private volatile DroverServer? _server;
    private volatile ApiPipeline? _pipeline;

    /// <summary>
    /// The address to give a client with a <see cref="CreateHandler"/>. Nobody listens there: it only has to be one.
    /// </summary>
    public Uri Address { get; } = new("http://drover.invalid/");

    internal DroverHostOptions Options => options.Value;

    /// <summary>
    /// Makes a handler that brings requests to the server without a network, as one of its users: give it to a
    /// <c>DroverClient</c> (or an HttpClient) together with <see cref="Address"/>. It needs no token, what the client has
    /// for one is not looked at; whoever has the handler is that user. The user is made when they are not known. While
    /// the server is not running, requests are answered with 503.
    /// </summary>
    /// <param name="user">Who.</param>
    /// <returns>A handler that may be kept, and used by several threads at once.</returns>
    public HttpMessageHandler CreateHandler(DroverUser user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return new InProcessHandler(this, user);
    }

    /// <summary>Answers a request whose path is that of the API.</summary>
    internal Task AnswerAsync(HttpContext http) => _pipeline is { } pipeline
        ? pipeline.AnswerAsync(http)
        : Problems.AnswerAsync(http, Problems.Stopping);

    internal async Task StartAsync()
    {
        try
        {
            _server = await DroverServer.StartAsync(
                new ServerLaunch { DataFolder = Options.DataFolder, ConfigurationFile = Options.ConfigurationFile, AgentCommand = Options.AgentCommand },
                ServerSurroundings.OfApplication(Options, logs));
            _pipeline = new ApiPipeline(_server.Parts);
        }
        catch (Exception e) when (e is ConfigurationException or StorageException)
        {
            throw new DroverStartException(e.Message, e);
        }
    }

    /// <summary>Tells where it can be reached, if it can.</summary>
    internal void Announce(string url) => _server!.Announce(url);

    internal ValueTask LeaveAsync() => _server?.LeaveAsync() ?? ValueTask.CompletedTask;

    /// <summary>Stops the server, unless the application has.</summary>
    public async ValueTask DisposeAsync()
    {
        ApiPipeline? pipeline = _pipeline;
        DroverServer? server = _server;
        (_pipeline, _server) = (null, null);
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        if (pipeline is not null)
        {
            await pipeline.DisposeAsync();
        }
    }
}
