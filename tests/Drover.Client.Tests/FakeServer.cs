using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Drover.Client.Tests;

/// <summary>Speaks the API as a test tells it to, on a free port of the loopback address.</summary>
public sealed class FakeServer : IAsyncDisposable
{
    public const string Token = "open-sesame";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Script> _scripts = new();

    private Answer? _any;

    private FakeServer(WebApplication app) => _app = app;

    public Uri Url { get; private set; } = null!;

    /// <summary>Every request so far: <c>GET /api/v1/jobs/1?waitSeconds=30</c>.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public static async Task<FakeServer> StartAsync(int port = 0)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        WebApplication app = builder.Build();
        var server = new FakeServer(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        server.Url = new Uri(app.Urls.First());
        return server;
    }

    /// <summary>Sets the answers to requests of this method and path, one after the other; the last one stays.</summary>
    public FakeServer On(string methodAndPath, params Answer[] answers)
    {
        _scripts[methodAndPath] = new Script(answers);
        return this;
    }

    /// <summary>Sets the answer to every request that has no other.</summary>
    public FakeServer OnAny(Answer answer)
    {
        _any = answer;
        return this;
    }

    /// <summary>Sets the answers to requests for a job.</summary>
    public FakeServer OnJob(params JobInfo[] states) =>
        On($"GET /api/v1/jobs/{states[0].Id}", [.. states.Select(Answers.Job)]);

    public IReadOnlyList<string> RequestsTo(string path) => [.. Requests.Where(r => r.Split(' ', '?')[1] == path)];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task AnswerAsync(HttpContext http)
    {
        HttpRequest request = http.Request;
        Requests.Enqueue($"{request.Method} {request.Path.Value}{request.QueryString}");
        if (request.Headers.Authorization != $"Bearer {Token}")
        {
            return Answers.Problem(401, "unauthorized", "The server does not know this token.")(http);
        }

        return _scripts.TryGetValue($"{request.Method} {request.Path.Value}", out Script? script)
            ? script.Next()(http)
            : _any is not null ? _any(http)
            : Answers.Problem(404, "notFound", $"There is nothing at {request.Path}.")(http);
    }

    private sealed class Script(Answer[] answers)
    {
        private int _next = -1;

        public Answer Next() => answers[Math.Min(Interlocked.Increment(ref _next), answers.Length - 1)];
    }
}
