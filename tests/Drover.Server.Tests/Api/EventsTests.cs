using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Drover.Server.Api.Events;

namespace Drover.Server.Tests.Api;

public sealed class EventsTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task The_events_of_a_job_come_in_order_with_ids_and_end_with_it()
    {
        await using AgentInTest agent = await AgentInTest.ConnectAsync(server, "events1");
        JobInfo job = await server.SubmitAsync("""{"command":["true"],"site":"events1"}""");
        List<SseItem<string>> events = await ReadAsync($"api/v1/jobs/{job.Id}/events");
        Assert.Equal(["submitted", "dispatched", "started", "ended"], events.Select(e => e.EventType));
        Assert.Equal(events.Select(e => e.EventId!).OrderBy(long.Parse), events.Select(e => e.EventId));
        EventOfJob last = JsonSerializer.Deserialize(events[^1].Data, ProtocolJson.Default.EventOfJob)!;
        Assert.Equal((job.Id, JobState.Ended, "succeeded"), (last.Job, last.State, last.Cause));
        Assert.Equal(["ended"], (await ReadAsync($"api/v1/jobs/{job.Id}/events", events[^2].EventId)).Select(e => e.EventType));
        Assert.Equal(["ended"], (await ReadAsync($"api/v1/jobs/{job.Id}/events?after={events[^2].EventId}")).Select(e => e.EventType));
        using HttpResponseMessage over = await server.GetAsync($"api/v1/jobs/{job.Id}/events?after={events[^1].EventId}");
        Assert.Equal(HttpStatusCode.NoContent, over.StatusCode);
    }

    [Fact]
    public async Task A_stream_of_all_jobs_begins_now_and_has_those_of_its_user_alone()
    {
        string bob = await server.NewUserAsync("bob" + Guid.NewGuid().ToString("N")[..8]);
        JobInfo before = await server.SubmitAsync(token: bob);
        await using Opened stream = await OpenAsync("api/v1/events", bob);
        await server.SubmitAsync();
        JobInfo job = await server.SubmitAsync(token: bob);
        SseItem<string> first = await stream.NextAsync();
        Assert.Equal(job.Id, JsonSerializer.Deserialize(first.Data, ProtocolJson.Default.EventOfJob)!.Job);
        await using Opened all = await OpenAsync("api/v1/events?after=0", bob);
        Assert.Equal(before.Id, JsonSerializer.Deserialize((await all.NextAsync()).Data, ProtocolJson.Default.EventOfJob)!.Job);
        using HttpResponseMessage everybody = await server.SendAsync(HttpMethod.Get, "api/v1/events?user=all", bob);
        Assert.Equal(HttpStatusCode.Forbidden, everybody.StatusCode);
    }

    [Fact]
    public async Task A_log_comes_as_text_whose_characters_stay_whole()
    {
        await using AgentInTest agent = await AgentInTest.ConnectAsync(server, "events2");
        byte[] log = [.. "smörgåsbord 🦌"u8, 0xFF, .. "€"u8, 0xE2, 0x82];
        agent.Log = asked => new ByteByByte(log.AsMemory((int)asked.Offset));
        JobId job = await agent.RunAsync();
        List<SseItem<string>> events = await ReadAsync($"api/v1/jobs/{job}/log/events");
        Assert.Equal("end", events[^1].EventType);
        Assert.Equal(log.Length.ToString(), events[^1].EventId);
        Assert.Equal("smörgåsbord 🦌\uFFFD€\uFFFD", string.Concat(events.Select(Piece).Select(piece => piece.Text)));
        List<SseItem<string>> rest = await ReadAsync($"api/v1/jobs/{job}/log/events", "4");
        Assert.Equal(4, Piece(rest[0]).Offset);
        Assert.Equal("rgåsbord 🦌\uFFFD€\uFFFD", string.Concat(rest.Select(e => Piece(e).Text)));

        static LogPiece Piece(SseItem<string> item) => JsonSerializer.Deserialize(item.Data, ProtocolJson.Default.LogPiece)!;
    }

    [Fact]
    public async Task The_log_of_a_job_that_is_canceled_before_it_starts_ends_empty()
    {
        JobInfo job = await server.SubmitAsync();
        await using Opened stream = await OpenAsync($"api/v1/jobs/{job.Id}/log/events", server.Token);
        using HttpResponseMessage cancel = await server.PostAsync($"api/v1/jobs/{job.Id}/cancel", null);
        Assert.Equal("end", (await stream.NextAsync()).EventType);
    }

    [Theory]
    [InlineData("Last-Event-ID", "x")]
    [InlineData("Last-Event-ID", "-1")]
    [InlineData("Last-Event-ID", "1.5")]
    public async Task An_id_that_is_none_is_refused(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("api/v1/events", UriKind.Relative));
        request.Headers.Add("Authorization", $"Bearer {server.Token}");
        request.Headers.Add(header, value);
        using HttpResponseMessage response = await server.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await EveryRouteTests.OneSentenceAsync(response);
    }

    [Fact]
    public async Task An_id_from_another_servers_future_is_the_present()
    {
        await using Opened stream = await OpenAsync("api/v1/events?after=999999999999", server.Token);
        JobInfo job = await server.SubmitAsync();
        Assert.Equal(job.Id, JsonSerializer.Deserialize((await stream.NextAsync()).Data, ProtocolJson.Default.EventOfJob)!.Job);
    }

    private async Task<List<SseItem<string>>> ReadAsync(string path, string? lastEventId = null)
    {
        await using Opened stream = await OpenAsync(path, server.Token, lastEventId);
        return await stream.RestAsync();
    }

    private async Task<Opened> OpenAsync(string path, string token, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Add("Authorization", $"Bearer {token}");
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        HttpResponseMessage response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal((HttpStatusCode.OK, EventAnswer.MediaType), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        var stream = new Opened(response, await response.Content.ReadAsStreamAsync());
        Assert.Equal("begin", (await stream.NextAsync()).EventType);
        return stream;
    }

    private sealed class Opened(HttpResponseMessage response, Stream body) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<SseItem<string>> _items = SseParser.Create(body).EnumerateAsync().GetAsyncEnumerator();

        internal async Task<SseItem<string>> NextAsync()
        {
            Assert.True(await _items.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
            return _items.Current;
        }

        internal async Task<List<SseItem<string>>> RestAsync()
        {
            var all = new List<SseItem<string>>();
            while (await _items.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)))
            {
                all.Add(_items.Current);
            }

            return all;
        }

        public ValueTask DisposeAsync()
        {
            response.Dispose(); // Ends a read that waits.
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>A body whose bytes go out one by one.</summary>
    private sealed class ByteByByte(ReadOnlyMemory<byte> bytes) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (int i = 0; i < bytes.Length; i++)
            {
                await stream.WriteAsync(bytes.Slice(i, 1));
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
