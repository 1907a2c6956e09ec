using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Drover.Server.Configuration;
using static Drover.Server.Tests.Supervision.Servers;

namespace Drover.Server.Tests.Supervision;

/// <summary>What the server measures and traces, in virtual time. Sites of its own keep other tests out of the measurements.</summary>
public sealed class TelemetryTests : IDisposable
{
    private const string Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private readonly string _site = $"site-{Guid.NewGuid():N}";
    private readonly Servers _servers = new();
    private MeterListener _meters;
    private readonly ConcurrentQueue<(string Instrument, double Value, IReadOnlyDictionary<string, string> Tags)> _measured = new();

    public TelemetryTests()
    {
        _servers.Options = _servers.Options with { Sites = [new SiteOptions { Name = _site, Cpus = 1 }] };
        _meters = Listen();
    }

    public void Dispose()
    {
        _meters.Dispose();
        _servers.Dispose();
    }

    [Fact]
    public void Jobs_are_counted_in_the_state_they_are_in_and_not_any_more_when_they_have_ended()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User, _site);
            await agent.ConnectAsync();
            JobInfo first = await server.SubmitAsync(Alice, Spec() with { Site = _site });
            JobInfo second = await server.SubmitAsync(Alice, Spec() with { Site = _site });
            AttemptId attempt = (await agent.NextRunAsync()).Attempt;
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(7));
            agent.Started(attempt);
            await StateAsync(server, first, JobState.Running);
            Assert.Equal(["queued: 1", "running: 1"], States());
            Assert.Equal(1, Present("drover.agents.connected").Single().Value);

            await Coroutine.SleepAsync(TimeSpan.FromSeconds(5));
            agent.Ended(attempt, new Ending.Exited(3));
            await EndAsync(server, first);
            attempt = (await agent.NextRunAsync()).Attempt;
            agent.Started(attempt);
            agent.Ended(attempt, new Ending.Exited(0));
            await EndAsync(server, second);
            Assert.Empty(States());
        });
        Assert.Equal(2, Values("drover.jobs.submitted").Sum());
        Assert.Equal(2, Values("drover.attempts.started").Sum());
        Assert.Equal(2, Values("drover.attempts.ended").Sum());
        Assert.Equal([0, 12], Values("drover.attempt.queue.duration").Select(Math.Floor).Order());
        Assert.Equal(2, Values("drover.attempt.run.duration").Count());
        Assert.Empty(Present("drover.agents.connected")); // The server is gone.
    }

    [Fact]
    public void Who_begins_to_listen_late_is_told_what_there_is_and_never_less_than_nothing()
    {
        _servers.Run(async server =>
        {
            _meters.Dispose();
            var agent = new ScriptedAgent(server, User, _site);
            await agent.ConnectAsync();
            JobInfo first = await server.SubmitAsync(Alice, Spec() with { Site = _site });
            await server.SubmitAsync(Alice, Spec() with { Site = _site });
            AttemptId attempt = (await agent.NextRunAsync()).Attempt;
            agent.Started(attempt);
            await StateAsync(server, first, JobState.Running);
            _meters = Listen();
            Assert.Equal(["queued: 1", "running: 1"], States());
            Assert.Equal(1, Present("drover.agents.connected").Single().Value);

            agent.Ended(attempt, new Ending.Exited(0));
            await EndAsync(server, first);
            await agent.NextRunAsync();
            Assert.Equal(["starting: 1"], States());
            agent.Disconnect();
            Assert.Equal(0, Present("drover.agents.connected").Single().Value);
        });
    }

    [Fact]
    public void Spans_are_as_long_as_what_they_tell_of_and_below_the_submit()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Drover.Server",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.ParentId == Parent && Equals(span.GetTagItem("drover.site"), _site))
                {
                    spans.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        _servers.Run(async server =>
        {
            JobInfo job = await server.SubmitAsync(Alice with { TraceParent = Parent }, Spec() with { Site = _site });
            await Coroutine.SleepAsync(TimeSpan.FromDays(2));
            Assert.Equal(Parent, job.TraceParent);
        });
        _servers.Run(async server => // After a restart.
        {
            var agent = new ScriptedAgent(server, User, _site);
            await agent.ConnectAsync();
            RunOrder order = await agent.NextRunAsync();
            Assert.Equal(Parent, order.TraceParent);
            agent.Started(order.Attempt);
            agent.Ended(order.Attempt, new Ending.Exited(0));
            await server.WaitAsync(Alice, order.Attempt.Job, TimeSpan.FromDays(1), static job => job.End is not null);
        });
        Assert.Equal(["queued", "start", "end"], spans.Select(span => span.OperationName));
        Assert.All(spans, span => Assert.Equal("1", span.GetTagItem("drover.job")));
    }

    private MeterListener Listen()
    {
        var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Drover.Server")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measure(instrument.Name, value, tags));
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measure(instrument.Name, value, tags));
        meters.Start();
        return meters;
    }

    private void Measure(string instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var named = new Dictionary<string, string>();
        foreach ((string name, object? tag) in tags)
        {
            named[name] = $"{tag}";
        }

        if (named.GetValueOrDefault("site") == _site)
        {
            _measured.Enqueue((instrument, value, named));
        }
    }

    private IEnumerable<double> Values(string instrument) => _measured.Where(m => m.Instrument == instrument).Select(m => m.Value);

    /// <summary>What is told of an instrument that is asked.</summary>
    private List<(string Instrument, double Value, IReadOnlyDictionary<string, string> Tags)> Present(string instrument)
    {
        int before = _measured.Count;
        _meters.RecordObservableInstruments();
        return [.. _measured.Skip(before).Where(m => m.Instrument == instrument)];
    }

    private IEnumerable<string> States() =>
        from m in Present("drover.jobs")
        where m.Value != 0
        orderby m.Tags["state"]
        select $"{m.Tags["state"]}: {m.Value}";
}
