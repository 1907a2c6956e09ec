using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using Drover.Client;
using Drover.Guide.Tests.Examples;
using Drover.Protocol;
using Drover.Protocol.Jobs;
using Drover.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Drover.Samples.Tests;

/// <summary>The code of the guides to the SDK, to arrays and to hosting, run in a folder of its own.</summary>
[Collection(OneAtATime)]
public sealed class GuideCodeTests : IAsyncDisposable
{
    /// <summary>The current folder and the console are those of all tests.</summary>
    internal const string OneAtATime = "the process's own";

    private const string Work =
        """
        mkdir out; echo mercury > out/planets.csv; echo picture > out/a.png; echo picture > out/b.png
        printf '#!/bin/sh\necho "frame $2"\n' > draw; chmod +x draw; echo done
        """;

    private readonly DroverData _data = new("drover");
    private readonly string _folder = Directory.GetCurrentDirectory();
    private readonly TextWriter _console = Console.Out;
    private readonly StringWriter _printed = new() { NewLine = "\n" };

    public GuideCodeTests()
    {
        Directory.SetCurrentDirectory(_data.Home);
        Console.SetOut(_printed);
    }

    public async ValueTask DisposeAsync()
    {
        Console.SetOut(_console);
        Directory.SetCurrentDirectory(_folder);
        await _data.DisposeAsync();
        await _printed.DisposeAsync();
    }

    [Fact(Timeout = 300_000)]
    public async Task The_code_of_the_guide_to_the_SDK_does_what_it_says()
    {
        await using SampleProcess server = Server();
        string url = await _data.UrlAsync();
        using DroverClient client = ClientOf(url);

        JobId first = await Sdk.Submit(url, _data.Token);
        Assert.Equal(first, await Sdk.Submit(url, _data.Token)); // The same key.
        Assert.Equal(["./simulate", "in.json"], (await client.Job(first).GetAsync()).Spec.Command);

        await File.WriteAllTextAsync("in.json", "{}");
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory("mesh").FullName, "1"), "mesh");
        await Sdk.Inputs(client);
        JobHandle second = client.Job(new JobId(first.Value + 1));
        await second.WaitAsync();
        Assert.Equal(["data", "data/mesh", "data/mesh/1", "in.json"], (await second.ListFilesAsync()).Entries.Select(entry => entry.Path).Order(StringComparer.Ordinal));

        JobHandle job = client.Job((await client.SubmitAsync(new JobSpec { Command = ["sh", "-c", Work] })).Id);
        await Sdk.Watch(job);
        await Sdk.End(job);
        await Sdk.Results(job);
        Assert.Equal("it did its work\n2 files, 16 B\n", _printed.ToString());
        Assert.Equal("mercury\n", await File.ReadAllTextAsync("planets.csv"));
        Assert.Equal("picture\n", await File.ReadAllTextAsync("pictures/out/b.png"));
        Assert.Equal("succeeded: frame last\n", await Sdk.Exec(job));

        using var file = new MemoryStream();
        await Sdk.Errors(job, file);
        Assert.Equal(8, file.Length);
        await Sdk.Errors(second, file); // It has no such file.
        Assert.Equal(8, file.Length);
    }

    [Fact(Timeout = 300_000)]
    public async Task The_code_of_the_guide_to_arrays_submits_changes_and_awaits_one()
    {
        await using SampleProcess server = Server();
        using DroverClient client = ClientOf(await _data.UrlAsync());
        await Packages.Arrays(client);
        string[] lines = _printed.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal((1002, "0 of 1000 succeeded", "job 8"), (lines.Length, lines[0], lines[^1])); // There is no ./simulate.
        Assert.StartsWith("1000: not started: ", lines[1], StringComparison.Ordinal);
        ArraySpec spec = (await client.Array(new JobId(1)).GetAsync()).Spec;
        Assert.Equal((20, 5), (spec.AtOnce, spec.Job.Priority));
    }

    [Fact(Timeout = 300_000)]
    public async Task The_code_of_the_guide_to_hosting_runs_a_job_of_the_applications_user()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        builder.Services.AddAuthorization();
        Guide.Tests.Examples.Hosting.Users(builder);
        builder.Services.Configure<DroverHostOptions>(options => options.DataFolder = _data.Path);
        await using WebApplication app = builder.Build();
        app.Use((HttpContext http, RequestDelegate next) =>
        {
            http.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "ada")], "test"));
            return next(http);
        });
        app.UseAuthorization();
        app.MapDrover("/drover");
        Guide.Tests.Examples.Hosting.Within(app);
        await app.StartAsync();

        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.Single()) };
        using HttpResponseMessage run = await browser.PostAsync(new Uri("simulate", UriKind.Relative), null);
        Assert.Equal((HttpStatusCode.Redirect, "/runs/1"), (run.StatusCode, run.Headers.Location!.ToString()));
        JobInfo job = (await browser.GetFromJsonAsync(
            new Uri("drover/api/v1/jobs/1?waitSeconds=60&until=ended", UriKind.Relative), ProtocolJson.Default.JobInfo))!;
        Assert.Equal(("ada", 3600), (job.User, job.Spec.TimeLimitSeconds));
        Assert.IsType<Ending.LaunchFailed>(job.End!.Ending); // Its agent looked for /opt/bin/simulate.
        await app.StopAsync();
    }

    private SampleProcess Server()
    {
        Directory.CreateDirectory(_data.Path);
        File.WriteAllText(Path.Combine(_data.Path, "drover.yaml"), "sites:\n  - name: local\n    cpus: 4\n");
        return SampleProcess.Start(
            new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "drover"), ["up", "--foreground", "--data", _data.Path, "--port", "0"]));
    }

    private DroverClient ClientOf(string url) => new(new DroverClientOptions { Server = new Uri(url), Token = _data.Token });
}

[CollectionDefinition(GuideCodeTests.OneAtATime, DisableParallelization = true)]
public sealed class OneAtATimeCollection;
