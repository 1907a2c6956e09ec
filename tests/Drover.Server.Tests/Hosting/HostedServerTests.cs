using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Drover.Client;
using Drover.Server.Hosting;
using Drover.Server.Tests.Api;
using Microsoft.Extensions.Configuration;

namespace Drover.Server.Tests.Hosting;

public sealed class HostedServerTests
{
    private static readonly JobSpec s_spec = new() { Command = ["/bin/true"] };

    [Fact]
    public async Task The_API_is_below_the_path_it_is_mapped_to()
    {
        await using Application app = await Application.StartAsync();
        using var client = new DroverClient(new DroverClientOptions { Server = new Uri(app.Http.BaseAddress!, "tools/drover"), Token = app.Token });
        JobInfo job = await client.SubmitAsync(s_spec);
        Assert.Equal(Environment.UserName, (await client.Job(job.Id).GetAsync()).User);
    }

    [Fact]
    public async Task Where_a_new_job_is_said_to_be_it_is()
    {
        await using Application app = await Application.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("tools/drover/api/v1/jobs", UriKind.Relative))
        {
            Content = JsonContent.Create(s_spec, ProtocolJson.Default.JobSpec),
            Headers = { { "App-User", "ada" } },
        };
        using HttpResponseMessage created = await app.Http.SendAsync(request);
        using HttpResponseMessage there = await app.SendAsync(HttpMethod.Get, created.Headers.Location!.OriginalString, ("App-User", "ada"));
        Assert.Equal(HttpStatusCode.OK, there.StatusCode);
    }

    [Fact]
    public async Task What_is_not_there_is_a_problem_below_the_path_and_the_application_s_business_elsewhere()
    {
        await using Application app = await Application.StartAsync();
        using HttpResponseMessage below = await app.SendAsync(HttpMethod.Get, "tools/drover/nothing");
        Assert.Equal("notFound", (await ApiServer.ProblemAsync(below)).Code);
        using HttpResponseMessage elsewhere = await app.SendAsync(HttpMethod.Get, "tools/nothing");
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
        Assert.Empty(await elsewhere.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Errors_of_the_application_stay_its_own()
    {
        await using Application app = await Application.StartAsync();
        using HttpResponseMessage response = await app.SendAsync(HttpMethod.Get, "fails");
        Assert.Equal((HttpStatusCode)418, response.StatusCode);
        Assert.Equal(["The application's own error."], app.Errors);
        Assert.Equal("The application.", await app.Http.GetStringAsync(new Uri("/", UriKind.Relative)));
    }

    [Fact]
    public async Task A_user_of_the_application_is_a_user_of_Drover_and_sees_no_other_s_jobs()
    {
        await using Application app = await Application.StartAsync();
        using DroverClient ada = app.ClientOf("ada@example.org");
        JobInfo job = await ada.SubmitAsync(s_spec);
        string path = $"tools/drover/api/v1/jobs/{job.Id}";
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(("App-User", "ada@example.org")));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(("App-User", "bob")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(("App-User", "root")));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(("App-User", "bob"), ("Authorization", $"Bearer {app.Token}")));

        async Task<HttpStatusCode> StatusAsync(params (string, string)[] headers)
        {
            using HttpResponseMessage response = await app.SendAsync(HttpMethod.Get, path, headers);
            return response.StatusCode;
        }
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-origin", HttpStatusCode.OK)]
    [InlineData("Origin", "http://127.0.0.1:1", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "null", HttpStatusCode.Forbidden)]
    [InlineData("Origin", null, HttpStatusCode.OK)]
    public async Task A_page_of_another_site_cannot_act_with_the_application_s_cookies(string header, string? value, HttpStatusCode status)
    {
        await using Application app = await Application.StartAsync();
        using DroverClient ada = app.ClientOf("ada");
        JobInfo job = await ada.SubmitAsync(s_spec);
        await ada.Job(job.Id).CancelAsync();
        await ada.Job(job.Id).WaitAsync();
        string path = $"tools/drover/api/v1/jobs/{job.Id}/cancel";
        using HttpResponseMessage response = await app.SendAsync(HttpMethod.Post, path, ("App-User", "ada"), (header, value ?? app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)));
        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task A_name_that_no_user_can_have_is_the_application_s_mistake()
    {
        await using Application app = await Application.StartAsync();
        using HttpResponseMessage response = await app.SendAsync(HttpMethod.Get, "tools/drover/api/v1/jobs", ("App-User", "../ada"));
        Assert.Equal(500, (await ApiServer.ProblemAsync(response)).Status);
    }

    [Fact]
    public async Task From_within_a_client_needs_no_token_and_gets_typed_errors()
    {
        await using Application app = await Application.StartAsync();
        using DroverClient ada = app.ClientOf("ada");
        Assert.Equal("ada", (await ada.GetServerAsync()).User);
        await Assert.ThrowsAsync<JobNotFoundException>(() => ada.Job(new JobId(4711)).GetAsync());
        using DroverClient root = app.ClientOf("root", isAdmin: true);
        await ada.SubmitAsync(Enumerable.Repeat(s_spec, 500).ToList()); // Bodies longer than a pipe holds.
        int count = 0;
        await foreach (JobInfo job in ada.ListAllJobsAsync())
        {
            count++;
        }

        Assert.Equal(500, count);
        Assert.Contains("supervision", await root.GetTreeAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Files_longer_than_any_buffer_are_uploaded_from_within_and_over_HTTP(bool fromWithin)
    {
        await using Application app = await Application.StartAsync();
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder["mesh"], new byte[40 << 20]); // More than a web server takes by itself.
        using DroverClient client = fromWithin
            ? app.ClientOf("ada")
            : new DroverClient(new DroverClientOptions { Server = new Uri(app.Http.BaseAddress!, "tools/drover"), Token = app.Token });
        string inputs = await client.UploadInputsAsync([new Client.UploadSource(folder["mesh"])]);
        Assert.Equal(64, inputs.Length);
        Assert.Equal(inputs, (await client.SubmitAsync(s_spec with { Inputs = inputs })).Spec.Inputs);
    }

    [Fact]
    public async Task A_wait_from_within_ends_when_its_token_is_canceled()
    {
        await using Application app = await Application.StartAsync();
        using DroverClient ada = app.ClientOf("ada");
        JobInfo job = await ada.SubmitAsync(s_spec);
        using var patience = new CancellationTokenSource();
        Task<JobInfo> waiting = ada.Job(job.Id).WaitAsync(cancellationToken: patience.Token);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Nobody_stops_the_application_by_stopping_its_server()
    {
        await using Application app = await Application.StartAsync();
        using DroverClient root = app.ClientOf("root", isAdmin: true);
        RequestRefusedException refusal = await Assert.ThrowsAsync<RequestRefusedException>(() => root.StopServerAsync());
        Assert.Equal("conflict", refusal.Code);
    }

    [Fact]
    public async Task Who_starts_agents_finds_the_server_while_the_application_listens()
    {
        await using Application app = await Application.StartAsync();
        string file = Path.Combine(app.DataFolder, ServerFile.Name);
        ServerFile server = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(file), ProtocolJson.Default.ServerFile)!;
        Assert.Equal(new Uri(app.Http.BaseAddress!, "tools/drover").AbsoluteUri, server.Url);
        using DroverClient ada = app.ClientOf("ada");
        await app.StopAsync();
        Assert.False(File.Exists(file));
        RequestRefusedException refusal = await Assert.ThrowsAsync<RequestRefusedException>(() => ada.GetServerAsync());
        Assert.Equal("stopping", refusal.Code);
    }

    [Fact]
    public async Task The_application_s_configuration_may_be_the_server_s()
    {
        IConfiguration configuration = Configuration(("Drover:Jobs:MaxTime", "1h"), ("Drover:sites:0:name", "cluster"), ("Drover:sites:0:cpus", "64"));
        await using Application app = await Application.StartAsync(options => options.Configuration = configuration.GetSection("Drover"));
        using DroverClient ada = app.ClientOf("ada");
        Assert.Equal(3600, (await ada.SubmitAsync(s_spec)).Spec.TimeLimitSeconds);
        Assert.Contains(await ada.ListSitesAsync(), site => site is { Name: "cluster", Cpus: 64 });
    }

    [Fact]
    public async Task Mistakes_in_the_configuration_keep_the_application_from_starting_and_are_all_named()
    {
        IConfiguration configuration = Configuration(("Drover:jobs:maxTime", "soon"), ("Drover:jobs:maxTimes", "1h"));
        DroverStartException refusal = await Assert.ThrowsAsync<DroverStartException>(
            () => Application.StartAsync(options => options.Configuration = configuration.GetSection("Drover")));
        Assert.Equal(2, refusal.Message.Split('\n').Length);
        Assert.All(refusal.Message.Split('\n'), line => Assert.StartsWith("Drover: ", line, StringComparison.Ordinal));
        Assert.Contains("'maxTime' must be a duration", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_that_another_server_uses_keeps_the_application_from_starting()
    {
        await using Application first = await Application.StartAsync();
        DroverStartException refusal = await Assert.ThrowsAsync<DroverStartException>(
            () => Application.StartAsync(options => options.DataFolder = first.DataFolder));
        Assert.Contains("is in use by", refusal.Message, StringComparison.Ordinal);
    }

    private static IConfiguration Configuration(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)))
        .Build();
}
