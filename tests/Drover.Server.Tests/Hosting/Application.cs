using System.Security.Claims;
using Drover.Client;
using Drover.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Tests.Hosting;

/// <summary>
/// An application with pages of its own that hosts a server below <c>/tools/drover</c>, on a free port of the loopback
/// address. Whoever sends the header <c>App-User</c> is signed in.
/// </summary>
internal sealed class Application : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WebApplication _app;

    private Application(Action<DroverHostOptions> configure)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddDrover(options =>
        {
            options.DataFolder = _folder.Path;
            options.AgentCommand = [];
            options.FindUser = http => http.User.Identity?.Name is { } name ? new DroverUser(name, IsAdmin: name == "root") : null;
            configure(options);
        });
        _app = builder.Build();
        _app.Use((http, next) =>
        {
            if (http.Request.Headers["App-User"] is [{ } name])
            {
                http.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], "test"));
            }

            return next(http);
        });
        _app.MapGroup("/tools").MapDrover();
        _app.MapGet("/fails", string () => throw new InvalidOperationException("The application's own error."));
        _app.MapGet("/", () => "The application.");
        _app.Use(async (http, next) =>
        {
            try
            {
                await next(http);
            }
            catch (InvalidOperationException e)
            {
                Errors.Add(e.Message);
                http.Response.StatusCode = StatusCodes.Status418ImATeapot;
            }
        });
    }

    internal List<string> Errors { get; } = [];

    internal HttpClient Http { get; } = new();

    internal DroverHost Drover => _app.Services.GetRequiredService<DroverHost>();

    internal string DataFolder => _folder.Path;

    internal string Token => File.ReadAllText(_folder["token"]).Trim();

    internal static async Task<Application> StartAsync(Action<DroverHostOptions>? configure = null)
    {
        var application = new Application(configure ?? (_ => { }));
        try
        {
            await application._app.StartAsync();
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        application.Http.BaseAddress = new Uri(application._app.Urls.First());
        return application;
    }

    internal DroverClient ClientOf(string user, bool isAdmin = false) => new(new DroverClientOptions
    {
        Server = Drover.Address,
        Token = "none",
        Handler = Drover.CreateHandler(new DroverUser(user, isAdmin)),
        RetryFor = TimeSpan.Zero,
    });

    internal async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Http.SendAsync(request);
    }

    internal Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}
