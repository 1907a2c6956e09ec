using System.Text.Json;
using Drover.Agent.Connections;
using Drover.Agent.Tests.Fakes;
using Drover.Coroutines.Testing;
using Drover.Protocol.Servers;

namespace Drover.Agent.Tests.Connections;

public sealed class ReconnectionTests
{
    private static readonly AgentLog s_log = new(TextWriter.Null, TimeProvider.System);

    [Fact]
    public void Pauses_double_up_to_the_longest_with_a_random_part()
    {
        List<TimeSpan> tries = [];
        Schedules.RunInVirtualTime(async () =>
        {
            long begun = EventLoop.Current.Time.GetTimestamp();
            var backoff = new Backoff(TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(30), new Random(1));
            await new Reconnection(ConnectAsync, backoff, s_log).RunAsync();

            Task<ConnectionEnd> ConnectAsync()
            {
                tries.Add(EventLoop.Current.Time.GetElapsedTime(begun));
                return Task.FromResult<ConnectionEnd>(tries.Count < 20
                    ? new ConnectionEnd.Lost("It is away.", TimeSpan.Zero)
                    : new ConnectionEnd.NotAccepted("enough"));
            }
        });

        double longest = 0.1;
        for (int i = 1; i < tries.Count; i++)
        {
            double pause = (tries[i] - tries[i - 1]).TotalSeconds;
            Assert.InRange(pause, longest / 2, longest + 0.02);
            longest = Math.Min(30, longest * 2);
        }
    }

    [Fact]
    public void A_connection_that_held_for_long_begins_the_pauses_anew()
    {
        List<TimeSpan> tries = [];
        Schedules.RunInVirtualTime(async () =>
        {
            long begun = EventLoop.Current.Time.GetTimestamp();
            var backoff = new Backoff(TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(30), new Random(1));
            await new Reconnection(ConnectAsync, backoff, s_log).RunAsync();

            Task<ConnectionEnd> ConnectAsync()
            {
                tries.Add(EventLoop.Current.Time.GetElapsedTime(begun));
                return Task.FromResult<ConnectionEnd>(tries.Count == 11
                    ? new ConnectionEnd.NotAccepted("enough")
                    : new ConnectionEnd.Lost("It is away.", tries.Count == 10 ? TimeSpan.FromMinutes(1) : TimeSpan.FromSeconds(1)));
            }
        });
        Assert.InRange((tries[^1] - tries[^2]).TotalSeconds, 0.05, 0.1);
        Assert.InRange((tries[^2] - tries[^3]).TotalSeconds, 12, 26);
    }

    [Fact]
    public void A_server_that_stays_away_is_logged_once()
    {
        using var log = new StringWriter();
        int tries = 0;
        Schedules.RunInVirtualTime(() => new Reconnection(
            () => Task.FromResult<ConnectionEnd>(++tries < 100 ? new ConnectionEnd.Lost("It is away.", TimeSpan.Zero) : new ConnectionEnd.NotAccepted("enough")),
            new Backoff(TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(30)),
            new AgentLog(log, TimeProvider.System)).RunAsync());
        Assert.Single(log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_local_agent_finds_its_server_wherever_its_file_says()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("drover-agent-").FullName, ServerFile.Name);
        try
        {
            await using var agent = AgentUnderTest.Start(file);
            await Patience.UntilAsync(() => agent.Log.Contains("cannot be reached", StringComparison.Ordinal), "tried");
            foreach (int _ in new[] { 1, 2 })
            {
                await using TestServer server = await TestServer.StartAsync();
                await WriteAsync(file, server.Url);
                await server.WelcomeAsync();
            }
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    [Fact]
    public async Task A_file_of_a_server_that_is_half_written_is_read_again()
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "{\"url\":");
            await using var agent = AgentUnderTest.Start(file);
            await Patience.UntilAsync(() => agent.Log.Contains("does not say where the server is", StringComparison.Ordinal), "tried");
            await using TestServer server = await TestServer.StartAsync();
            await WriteAsync(file, server.Url);
            await server.WelcomeAsync();
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_token_file_is_read_anew_before_each_connection()
    {
        string file = Path.GetTempFileName();
        try
        {
            await using TestServer server = await TestServer.StartAsync();
            await File.WriteAllTextAsync(file, TestServer.Token + "\n");
            await using var agent = AgentUnderTest.Start(server, change: options => options with { Token = null, TokenFile = file });
            Peer peer = await server.WelcomeAsync();
            await File.WriteAllTextAsync(file, "another");
            peer.Cut();
            Assert.Equal(AgentExit.NotAccepted, (await agent.Ended.Within()).Exit);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Task WriteAsync(string file, string url) => File.WriteAllBytesAsync(file, JsonSerializer.SerializeToUtf8Bytes(
        new ServerFile { Url = url, ProcessId = 1, Version = "1", StartedAt = DateTimeOffset.UnixEpoch }, ProtocolJson.Default.ServerFile));
}
