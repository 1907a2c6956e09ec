using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Drover.Protocol;
using Drover.Protocol.Jobs;

namespace Drover.Samples.Tests;

/// <summary>The gateway that hosts Drover, as browsers see it.</summary>
public sealed class HostingTests
{
    [Fact(Timeout = 300_000)]
    public async Task A_user_signs_in_throws_darts_and_sees_the_picture()
    {
        await using var data = new DroverData();
        await using SampleProcess gateway = Gateway(data);
        using HttpClient ada = await BrowserAsync(data, "ada");

        using HttpResponseMessage run = await PostAsync(ada, "runs", ("darts", "3000000"));
        string page = run.RequestMessage!.RequestUri!.AbsolutePath;
        Assert.Equal("/runs/1", page);
        JobInfo job = await WaitAsync(ada, 1);

        Assert.Equal(new Ending.Exited(0), job.End!.Ending);
        Assert.Equal(("ada", "ada@local"), (job.User, job.Agent));
        Assert.StartsWith("pi is about 3.1", job.Progress!.Message, StringComparison.Ordinal);
        Assert.Contains("<img src=/runs/1/pi.svg", await ada.GetStringAsync(new Uri(page, UriKind.Relative)), StringComparison.Ordinal);
        using HttpResponseMessage picture = await ada.GetAsync(new Uri("runs/1/pi.svg", UriKind.Relative));
        Assert.Equal("image/svg+xml", picture.Content.Headers.ContentType!.MediaType);
        string svg = await picture.Content.ReadAsStringAsync();
        Assert.Equal(1000, svg.Split("<circle").Length - 1);
        Assert.EndsWith("</svg>\n", svg, StringComparison.Ordinal);
    }

    [Fact(Timeout = 300_000)]
    public async Task Another_user_sees_nothing_of_it_and_a_stranger_signs_in_first()
    {
        await using var data = new DroverData();
        await using SampleProcess gateway = Gateway(data);
        using HttpClient ada = await BrowserAsync(data, "ada");
        (await PostAsync(ada, "runs", ("darts", "100000000"))).Dispose();
        using HttpClient bob = await BrowserAsync(data, "bob");
        using var stranger = new HttpClient { BaseAddress = ada.BaseAddress };

        using HttpResponseMessage page = await bob.GetAsync(new Uri("runs/1", UriKind.Relative));
        Assert.Equal((HttpStatusCode.NotFound, "There is no job 1."), (page.StatusCode, await page.Content.ReadAsStringAsync()));
        using HttpResponseMessage api = await bob.GetAsync(new Uri("drover/api/v1/jobs/1", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, api.StatusCode);
        Assert.Contains("Who are you?", await stranger.GetStringAsync(new Uri("runs/1", UriKind.Relative)), StringComparison.Ordinal);

        (await PostAsync(ada, "runs/1/cancel")).Dispose();
        Assert.Equal(new Ending.Canceled("ada"), (await WaitAsync(ada, 1)).End!.Ending);
    }

    [Fact(Timeout = 300_000)]
    public async Task A_run_goes_on_while_the_gateway_is_restarted()
    {
        await using var data = new DroverData();
        await using (SampleProcess gateway = Gateway(data))
        {
            using HttpClient ada = await BrowserAsync(data, "ada");
            (await PostAsync(ada, "runs", ("darts", "5000000"))).Dispose();
            JobInfo job = await JobAsync(ada, 1);
            while (job.State != JobState.Running)
            {
                job = await JobAsync(ada, 1, $"?waitSeconds=10&after={job.Revision}");
                Assert.Null(job.End);
            }

            gateway.Interrupt();
            Assert.Equal(0, await gateway.EndAsync());
        }

        await using SampleProcess next = Gateway(data);
        using HttpClient again = await BrowserAsync(data, "ada");
        Assert.Equal(new Ending.Exited(0), (await WaitAsync(again, 1)).End!.Ending);
    }

    private static SampleProcess Gateway(DroverData data) => SampleProcess.Start(new ProcessStartInfo(
        Path.Combine(AppContext.BaseDirectory, "Drover.Samples.Hosting"), ["--urls", "http://127.0.0.1:0", "--Drover:DataFolder", data.Path]));

    private static async Task<HttpClient> BrowserAsync(DroverData data, string user)
    {
        var http = new HttpClient { BaseAddress = new Uri(new Uri(await data.UrlAsync()), "/") };
        using HttpResponseMessage signedIn = await PostAsync(http, "sign-in", ("name", user));
        Assert.Contains($"Hello {user}.", await signedIn.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        return http;
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient http, string path, params (string Name, string Value)[] fields)
    {
        var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return http.PostAsync(new Uri(path, UriKind.Relative), form);
    }

    private static async Task<JobInfo> JobAsync(HttpClient http, int id, string query = "") =>
        (await http.GetFromJsonAsync(new Uri($"drover/api/v1/jobs/{id}{query}", UriKind.Relative), ProtocolJson.Default.JobInfo))!;

    private static async Task<JobInfo> WaitAsync(HttpClient http, int id)
    {
        JobInfo job = await JobAsync(http, id);
        while (job.End is null)
        {
            job = await JobAsync(http, id, "?waitSeconds=30&until=ended");
        }

        return job;
    }
}
