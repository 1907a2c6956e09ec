using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Drover.Server.Tests.Api;

namespace Drover.Server.Tests.Fuzzing;

/// <summary>Clients that are slow, silent or many, and paths that lead elsewhere.</summary>
[Collection(nameof(Alone))]
public sealed class HostileClientTests(FuzzedServer fuzzed) : IClassFixture<FuzzedServer>
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly ApiServer _server = fuzzed.Server;

    [Fact]
    public async Task A_hundred_that_send_half_a_head_or_half_a_body_hold_nobody_up()
    {
        var sockets = new List<Socket>();
        for (int i = 0; i < 100; i++)
        {
            sockets.Add(await OpenAsync(i % 2 == 0
                ? "GET /api/v1/server HTTP/1.1\r\nHost: x\r\nAuthoriz"
                : $"POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {_server.Token}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{\"command\":"));
        }

        await IsAliveAsync();
        JobInfo job = await _server.SubmitAsync();
        Assert.Equal(JobState.Queued, job.State);
        sockets.ForEach(socket => socket.Dispose());
        await IsAliveAsync();
        Assert.Equal("", fuzzed.Errors);
    }

    [Fact]
    public async Task What_is_left_of_an_upload_that_another_one_took_over_is_skipped()
    {
        fuzzed.ForgetErrors();
        byte[] content = new byte[900_000];
        string path = $"/api/v1/inputs/{InputPack.HashOf(content)}";
        using var hanging = new StalledUpload(_server, $"PUT {path}", "Content-Length: 900000", content.AsMemory(0, 600_000));
        await hanging.ArrivesAsync();
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(path, UriKind.Relative)) { Content = new ByteArrayContent(content) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _server.Token);
        Assert.Equal(HttpStatusCode.Created, (await _server.Http.SendAsync(request)).StatusCode);
        Assert.Equal("HTTP/1.1 409 Conflict", await hanging.AnswerAsync());
        await hanging.SendAsync(content.AsMemory(600_000));
        await hanging.SendAsync("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        Assert.Equal("HTTP/1.1 200 OK", await hanging.AnswerAsync());
        Assert.Equal("", fuzzed.Errors);
    }

    [Fact]
    public async Task Who_reads_a_long_log_a_byte_at_a_time_holds_back_the_agent_and_not_the_server()
    {
        const long Length = 1L << 30;
        await using AgentInTest agent = await AgentInTest.ConnectAsync(_server, "slow");
        string id = (await agent.RunAsync()).ToString();
        long sent = 0;
        agent.Log = _ => new StreamContent(new Endless(Length, count => Interlocked.Add(ref sent, count)));
        using Socket slow = await OpenAsync($"GET /api/v1/jobs/{id}/log HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {_server.Token}\r\n\r\n");
        byte[] one = new byte[1];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(1, await slow.ReceiveAsync(one, SocketFlags.None));
            await IsAliveAsync();
        }

        // What lies in buffers and sockets between the two is a few MiB, and not the log.
        Assert.True(Interlocked.Read(ref sent) < Length / 8, $"{sent} bytes were taken from the agent");
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 64 << 20, "it is held in memory");
        slow.Dispose();
        Assert.Equal("", fuzzed.Errors);
    }

    [Theory]
    [InlineData("%2e%2e%2f%2e%2e%2fetc%2fpasswd")]
    [InlineData("..%2f..%2fetc%2fpasswd")]
    [InlineData("a/..%2f..%2f..%2fetc/passwd")]
    [InlineData("%2fetc%2fpasswd")]
    [InlineData("a%00.txt")]
    [InlineData("%00")]
    [InlineData("%0d%0aX-Evil:%201")]
    [InlineData("..%5c..%5cetc")]
    [InlineData("%c0%ae%c0%ae/etc/passwd")]
    public async Task A_path_that_leads_elsewhere_is_answered_in_a_sentence(string path)
    {
        await using AgentInTest agent = await AgentInTest.ConnectAsync(_server, $"paths{Guid.NewGuid():N}"[..20]);
        string id = (await agent.RunAsync()).ToString();
        foreach (string route in (string[])[$"jobs/{id}/files/{path}", $"jobs/{id}/files?path={path}", $"jobs/{id}/archive?path={path}", $"jobs/{path}", $"inputs/{path}"])
        {
            // As it is: HttpClient would tidy it up.
            using Socket socket = await OpenAsync($"GET /api/v1/{route} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {_server.Token}\r\n\r\n");
            string answer = await ReadAsync(socket);
            Assert.Matches("^HTTP/1.1 (4|2)", answer);
            Assert.DoesNotContain("X-Evil", answer.Split("\r\n\r\n")[0]);
            Assert.DoesNotContain("root:", answer);
        }

        Assert.Equal("", fuzzed.Errors);
    }

    [Fact]
    public async Task Streams_of_events_are_bounded_for_each_user_and_cost_little()
    {
        int many = Mutation.Times(100); // In soaks 5000: both ends are in this process, which may have 20,000 files open.
        string token = await _server.NewUserAsync($"many{Guid.NewGuid():N}"[..16]);
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue }) { BaseAddress = _server.Http.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        long before = Environment.WorkingSet;
        HttpResponseMessage[] opened = await Task.WhenAll(Enumerable.Range(0, many).Select(_ => http.GetAsync(new Uri("api/v1/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead)));
        int open = opened.Count(response => response.StatusCode == HttpStatusCode.OK);
        TestContext.Current.TestOutputHelper?.WriteLine($"{open} of {many} streams are open and take {(Environment.WorkingSet - before) / Math.Max(1, open)} bytes each, both ends together");
        Assert.All(opened, response => Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests, response.StatusCode.ToString()));
        Assert.True(open > 0);
        await IsAliveAsync(); // Another user is not concerned.
        using HttpResponseMessage other = await _server.Http.SendAsync(
            new HttpRequestMessage(HttpMethod.Get, "api/v1/events") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", _server.Token) } }, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Array.ForEach(opened, response => response.Dispose());
        Assert.Equal("", fuzzed.Errors);
    }

    private async Task IsAliveAsync()
    {
        long began = Stopwatch.GetTimestamp();
        using HttpResponseMessage response = await _server.GetAsync("api/v1/server");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(Stopwatch.GetElapsedTime(began) < s_patience);
    }

    private async Task<Socket> OpenAsync(string head)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(IPAddress.Loopback, _server.Http.BaseAddress!.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(head), SocketFlags.None);
        return socket;
    }

    private static async Task<string> ReadAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(s_patience);
        using var answer = new MemoryStream();
        byte[] buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, SocketFlags.None, patience.Token) is > 0 and int count)
        {
            answer.Write(buffer, 0, count);
        }

        return Encoding.Latin1.GetString(answer.ToArray());
    }

    /// <summary>So many bytes, without being anywhere.</summary>
    private sealed class Endless(long length, Action<int> read) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int some = (int)Math.Min(count, _left);
            _left -= some;
            read(some);
            return some;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
