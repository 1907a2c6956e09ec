using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;

namespace Drover.Server.Tests.Api;

/// <summary>Many open streams of events; in soaks as many as one user may have, which take 20,000 open files.</summary>
public sealed class ManyStreamsTests : IDisposable
{
    private const int Some = 200;
    private const int Most = 50 * Some;
    private const int AtOnce = 250;
    private const long AllowedBytes = 48 << 10;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);
    private readonly CancellationTokenSource _patience = new(s_patience);
    private readonly HttpClient _http = new();

    [Fact]
    public async Task Many_streams_are_served_change_nothing_else_and_give_all_back()
    {
        using var server = new ServerInOwnProcess();
        _http.BaseAddress = server.Url;
        string many = await NewUserAsync(server, "many");
        string other = await NewUserAsync(server, "other");
        int wanted = Mutation.Times(Some);
        int count = Math.Min(wanted, MostOpenFiles() - 500);
        if (count < wanted)
        {
            TestContext.Current.AddWarning($"Only {count} streams: a process may not have more files open here (ulimit -n).");
        }

        await RoundAsync(server, many, other, count: Some); // So that what is made once, is made.
        (int files, long heap, long resident) = (server.OpenFiles, server.Heap(), server.ResidentBytes);
        long used = await RoundAsync(server, many, other, count, () => (server.Heap() - heap, server.ResidentBytes - resident));
        await IsGivenBackAsync(server, files);
        if (count == Some)
        {
            return; // Of so few the memory tells nothing.
        }

        long left = await FallsBelowAsync(() => server.Heap() - heap, used / 2);
        Assert.True(left < used / 2, $"{left} bytes are in use after the end of all streams, {used} were with {count}");

        // The same number once more: nobody is counted who has gone, and nothing adds up.
        await RoundAsync(server, many, other, count);
        await IsGivenBackAsync(server, files);
        long more = await FallsBelowAsync(() => server.Heap() - heap - left, count * 256L);
        Assert.True(more < count * 256L, $"{more} bytes more are in use after another {count} streams");
    }

    public void Dispose()
    {
        _http.Dispose();
        _patience.Dispose();
    }

    /// <summary>Opens so many, lets a job begin and end, sees that all hear of it and everybody else is served, and closes them.</summary>
    /// <returns>How many bytes of managed memory were in use for the streams.</returns>
    private async Task<long> RoundAsync(ServerInOwnProcess server, string many, string other, int count, Func<(long Heap, long Resident)>? measure = null)
    {
        var streams = new EventSocket[count];
        try
        {
            await EachAsync(count, async i => streams[i] = await EventSocket.OpenAsync(server, many, _patience.Token));
            long used = measure is null ? 0 : Measured(measure(), count);
            await OthersAreServedAsync(other, many, count);
            JobInfo job = await SubmitAsync(many);
            await SendAsync(HttpMethod.Post, $"api/v1/jobs/{job.Id}/cancel", many, HttpStatusCode.Accepted);
            await EachAsync(count, i => streams[i].HearsAsync(["event: submitted", "event: ended", $"\"job\":{job.Id},"], _patience.Token));
            await OthersAreServedAsync(other, many, count);
            return used;
        }
        finally
        {
            foreach (EventSocket? stream in streams)
            {
                stream?.Dispose();
            }
        }
    }

    /// <summary>The last connections are still put away when all are closed: looks again and again, for a minute at the most.</summary>
    private async Task<long> FallsBelowAsync(Func<long> bytes, long bound)
    {
        long now = bytes();
        for (int looks = 0; now >= bound && looks < 60; looks++)
        {
            await Task.Delay(1000, _patience.Token);
            now = bytes();
        }

        return now;
    }

    private static long Measured((long Heap, long Resident) used, int count)
    {
        if (count == Some)
        {
            return used.Heap;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{count} streams: {used.Heap / count} bytes of managed memory each, {used.Resident / count} of all memory");
        Assert.InRange(used.Heap / count, 0, AllowedBytes);
        Assert.InRange(used.Resident / count, 0, 2 * AllowedBytes);
        return used.Heap;
    }

    /// <summary>Another user submits and reads, has a stream, and hears nothing of the first one's; and one more than allowed is refused.</summary>
    private async Task OthersAreServedAsync(string other, string many, int count)
    {
        await SendAsync(HttpMethod.Get, "api/v1/server", other, HttpStatusCode.OK);
        await SendAsync(HttpMethod.Get, "api/v1/jobs", many, HttpStatusCode.OK);
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/events") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", other) } };
        using HttpResponseMessage stream = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _patience.Token);
        Assert.Equal(HttpStatusCode.OK, stream.StatusCode);
        JobInfo own = await SubmitAsync(other);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync(_patience.Token));
        string? line = "";
        while (line is not null && !line.StartsWith("data: {\"job\"", StringComparison.Ordinal))
        {
            line = await reader.ReadLineAsync(_patience.Token);
        }

        Assert.StartsWith($"data: {{\"job\":{own.Id},", line);
        if (count == Most)
        {
            await SendAsync(HttpMethod.Get, "api/v1/events", many, HttpStatusCode.TooManyRequests);
        }
    }

    private async Task IsGivenBackAsync(ServerInOwnProcess server, int files)
    {
        while (server.OpenFiles > files + 20) // Connections of others, and of the database's readers.
        {
            await Task.Delay(20, _patience.Token);
        }
    }

    private async Task EachAsync(int count, Func<int, Task> act)
    {
        for (int begin = 0; begin < count; begin += AtOnce)
        {
            await Task.WhenAll(Enumerable.Range(begin, Math.Min(AtOnce, count - begin)).Select(act));
        }
    }

    private async Task<JobInfo> SubmitAsync(string token)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, "api/v1/jobs", token, """{"command":["true"]}""");
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.JobInfo, _patience.Token))!;
    }

    private async Task<string> NewUserAsync(ServerInOwnProcess server, string name)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, "api/v1/users", server.Token, $$"""{"name":"{{name}}"}""");
        return (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.IssuedToken, _patience.Token))!.Token;
    }

    private async Task SendAsync(HttpMethod method, string path, string token, HttpStatusCode expected)
    {
        using HttpResponseMessage response = await SendAsync(method, path, token, method == HttpMethod.Post ? "{}" : null);
        Assert.Equal(expected, response.StatusCode);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string token, string? json)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        return await _http.SendAsync(request, _patience.Token);
    }

    /// <summary>How many files this process may have open; the server's may have as many.</summary>
    private static int MostOpenFiles()
    {
        string limits = File.ReadLines("/proc/self/limits").Single(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        return int.TryParse(limits.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], out int most) ? most : int.MaxValue; // Or "unlimited".
    }

    /// <summary>A stream of events over a bare socket, which is only read when it is asked.</summary>
    private sealed class EventSocket : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };

        internal static async Task<EventSocket> OpenAsync(ServerInOwnProcess server, string token, CancellationToken patience)
        {
            var stream = new EventSocket();
            await stream._socket.ConnectAsync(server.Address, patience);
            await stream._socket.SendAsync(Encoding.ASCII.GetBytes($"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"), patience);
            Assert.StartsWith("HTTP/1.1 200 ", await stream.HearsAsync(["event: begin\n"], patience));
            return stream;
        }

        /// <summary>Reads until all of it has come.</summary>
        internal async Task<string> HearsAsync(IReadOnlyList<string> wanted, CancellationToken patience)
        {
            string text = "";
            byte[] buffer = new byte[4096];
            while (!wanted.All(word => text.Contains(word, StringComparison.Ordinal)))
            {
                int count = await _socket.ReceiveAsync(buffer, SocketFlags.None, patience);
                Assert.True(count > 0, $"the stream ended: {text}");
                text += Encoding.ASCII.GetString(buffer, 0, count);
            }

            return text;
        }

        public void Dispose() => _socket.Dispose();
    }
}
