using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Drover.EndToEnd.Tests.Telemetry;

/// <summary>Traces and metrics as a collector gets them, from real servers and agents.</summary>
public sealed class TelemetryTests
{
    private const string Library = "OpenTelemetry.dll";
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string CallersSpan = "b7ad6b7169203331";
    private static readonly string[] s_life = ["queued", "start", "run", "end"];

    [Fact]
    public async Task A_job_is_one_trace_with_its_caller_from_submit_to_end_through_server_and_agent()
    {
        await using Collector collector = await Collector.StartAsync();
        await using Installation drover = Observed(collector);
        await drover.UpAsync();
        JobHandle job = await SubmitInTraceAsync(drover, "sh", "-c", "echo $TRACEPARENT; exit 3");
        await job.EndAsync();

        IReadOnlyList<Span> spans = await collector.TraceAsync(Trace, ["POST /api/v1/jobs", .. s_life]);

        Span submit = Assert.Single(spans, span => span.Name == "POST /api/v1/jobs");
        Assert.Equal((CallersSpan, "drover-server"), (submit.Parent, submit.Service));
        Span[] life = [.. s_life.Select(name => Assert.Single(spans, span => span.Name == name))];
        Assert.All(life, span => Assert.Equal(submit.Id, span.Parent));
        Assert.Equal(["drover-server", "drover-server", "drover-agent", "drover-server"], life.Select(span => span.Service));
        Assert.All(life, span =>
        {
            Assert.Equal(job.Id.ToString(), span.Attributes["drover.job"]);
            Assert.Equal("1", span.Attributes["drover.attempt"]);
            Assert.Equal(Environment.UserName, span.Attributes["drover.user"]);
            Assert.Equal("local", span.Attributes["drover.site"]);
            Assert.True(span.Start <= span.End);
        });
        Assert.Equal(life.Select(span => span.Start).Order(), life.Select(span => span.Start));
        Assert.All(life[2..], span => Assert.Equal("exited with code 3", span.Attributes["drover.ending"]));
        Assert.Equal($"00-{Trace}-{submit.Id}-01\n", await job.LogAsync());
        Assert.Equal(Trace, (await job.GetAsync()).TraceId);
    }

    [Fact]
    public async Task A_job_that_outlives_its_server_and_its_agent_is_still_one_trace()
    {
        await using Collector collector = await Collector.StartAsync();
        await using Installation drover = Observed(collector);
        await drover.UpAsync();
        JobHandle job = await SubmitInTraceAsync(drover, "sh", "-c", $"until [ -e {drover.PathOf("go")} ]; do sleep 0.02; done");
        await job.IsAsync(JobState.Running);
        await collector.TraceAsync(Trace, "POST /api/v1/jobs", "queued", "start");
        await Installation.KillAsync(drover.Server, drover.Agent);
        drover.Make("go");
        await drover.UpAsync();
        await job.EndAsync();

        IReadOnlyList<Span> spans = await collector.TraceAsync(Trace, "run", "end");

        Span submit = spans.Single(span => span.Name == "POST /api/v1/jobs");
        Assert.All(spans.Where(span => span != submit), span => Assert.Equal(submit.Id, span.Parent));
        Assert.Equal(s_life.Order(), spans.Where(span => span != submit).Select(span => span.Name).Order());
    }

    [Fact]
    public async Task Measurements_of_server_and_agent_arrive()
    {
        await using Collector collector = await Collector.StartAsync();
        await using Installation drover = Observed(collector);
        await drover.UpAsync();
        await (await drover.SubmitAsync("true")).EndAsync();
        string[] server =
        [
            "drover.jobs", "drover.jobs.submitted", "drover.attempts.started", "drover.attempts.ended", "drover.attempt.queue.duration",
            "drover.attempt.run.duration", "drover.store.commit.duration", "drover.agents.connected", "drover.loop.lateness", "drover.loop.coroutines",
        ];
        await Eventually.IsTrueAsync(
            () => server.All(name => collector.Instruments.ContainsKey(("drover-server", name)))
                && collector.Instruments.ContainsKey(("drover-agent", "drover.agent.attempts.ended")),
            "measurements");
    }

    [Fact]
    public async Task Where_drover_yaml_names_a_collector_server_and_agent_send_there()
    {
        await using Collector collector = await Collector.StartAsync();
        await using var drover = new Installation();
        drover.Variables["OTEL_BSP_SCHEDULE_DELAY"] = "50";
        Directory.CreateDirectory(drover.Data);
        await File.WriteAllTextAsync(Path.Combine(drover.Data, "drover.yaml"), $"telemetry:\n  endpoint: {collector.Url}\n");
        await drover.UpAsync();
        JobHandle job = await SubmitInTraceAsync(drover, "true");
        await job.EndAsync();
        await collector.TraceAsync(Trace, s_life);
    }

    [Fact]
    public async Task Nothing_of_it_is_loaded_when_nobody_asks_for_it()
    {
        await using Collector collector = await Collector.StartAsync();
        await using Installation observed = Observed(collector);
        await using var quiet = new Installation();
        foreach (Installation drover in (Installation[])[observed, quiet])
        {
            await drover.UpAsync();
            await (await drover.SubmitAsync("true")).EndAsync();
        }

        Assert.Contains(Library, Mapped(observed.Server), StringComparison.Ordinal);
        Assert.Contains(Library, Mapped(observed.Agent), StringComparison.Ordinal);
        Assert.DoesNotContain(Library, Mapped(quiet.Server), StringComparison.Ordinal);
        Assert.DoesNotContain(Library, Mapped(quiet.Agent), StringComparison.Ordinal);
        Assert.Contains("Drover.Server.dll", Mapped(quiet.Server), StringComparison.Ordinal);

        static string Mapped(LiveProcess? process) => File.ReadAllText($"/proc/{process!.Id}/maps");
    }

    private static Installation Observed(Collector collector)
    {
        var drover = new Installation();
        drover.Variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url;
        drover.Variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        drover.Variables["OTEL_BSP_SCHEDULE_DELAY"] = "50";
        drover.Variables["OTEL_METRIC_EXPORT_INTERVAL"] = "200";
        return drover;
    }

    /// <summary>Submits as a program does that is in a trace itself.</summary>
    private static async Task<JobHandle> SubmitInTraceAsync(Installation drover, params string[] command)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{drover.Url}/api/v1/jobs"))
        {
            Content = JsonContent.Create(new JobSpec { Command = command }, ProtocolJson.Default.JobSpec),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", drover.Token) },
        };
        request.Headers.Add("traceparent", $"00-{Trace}-{CallersSpan}-01");
        using HttpResponseMessage response = await http.SendAsync(request);
        return drover.Client.Job((await response.Content.ReadFromJsonAsync(ProtocolJson.Default.JobInfo))!.Id);
    }
}
