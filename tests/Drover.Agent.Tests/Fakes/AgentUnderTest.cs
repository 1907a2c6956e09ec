namespace Drover.Agent.Tests.Fakes;

/// <summary>An agent on a loop of its own, with a folder of its own and a site in memory.</summary>
internal sealed class AgentUnderTest : IAsyncDisposable
{
    private readonly EventLoop _loop;
    private readonly CancellationTokenSource _stop = new();
    private readonly StringWriter _log = new();
    private readonly TextWriter _logWriter;
    private readonly bool _ownsFolder;

    private AgentUnderTest(AgentOptions options, FakeDriver driver, bool ownsFolder)
    {
        _logWriter = TextWriter.Synchronized(_log); // By its own lock.
        Options = options;
        Driver = driver;
        _ownsFolder = ownsFolder;
        _loop = EventLoop.Start(new EventLoopOptions { Name = "agent", OnReport = static _ => { } });
        Ended = _loop.InvokeAsync(RunAsync, "agent", _stop.Token);
    }

    internal AgentOptions Options { get; }

    internal FakeDriver Driver { get; }

    internal EventLoop Loop => _loop;

    /// <summary>How it ends.</summary>
    internal Task<AgentEnd> Ended { get; }

    internal string Log
    {
        get
        {
            lock (_logWriter)
            {
                return _log.ToString();
            }
        }
    }

    internal static AgentUnderTest Start(TestServer server, FakeDriver? driver = null, Func<AgentOptions, AgentOptions>? change = null) =>
        Start(server.Url, driver, change);

    internal static AgentUnderTest Start(string server, FakeDriver? driver = null, Func<AgentOptions, AgentOptions>? change = null)
    {
        string folder = Directory.CreateTempSubdirectory("drover-agent-").FullName;
        var options = new AgentOptions
        {
            Server = server,
            Folder = folder,
            Token = TestServer.Token,
            LongestPause = TimeSpan.FromMilliseconds(200),
        };
        return new AgentUnderTest(change?.Invoke(options) ?? options, driver ?? new FakeDriver(folder), ownsFolder: true);
    }

    /// <summary>The next agent in the same folder, after this one was killed.</summary>
    internal AgentUnderTest Successor() => new(Options, Driver, ownsFolder: false);

    /// <summary>Ends it as a kill would: nothing is said, what runs goes on.</summary>
    internal async Task KillAsync()
    {
        await _stop.CancelAsync();
        Task end = await Task.WhenAny(Ended).Within();
        Assert.False(end.IsFaulted, $"The agent failed: {end.Exception}\n{Log}");
    }

    /// <summary>Blocks the thread that all of the agent runs on.</summary>
    internal Task BlockLoopAsync(Task until) => _loop.InvokeAsync(until.Wait);

    public async ValueTask DisposeAsync()
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"{Log}\n{await _loop.DumpAsync().Within()}"); // Shown when the test fails.
        await KillAsync();
        Assert.DoesNotContain(TestServer.Token, Log, StringComparison.Ordinal);
        await _loop.StopAsync().Within();
        _stop.Dispose();
        if (_ownsFolder)
        {
            Directory.Delete(Options.Folder, recursive: true);
        }
    }

    private async Task<AgentEnd> RunAsync()
    {
        using AgentFolder folder = AgentFolder.Open(Options.Folder);
        return await AgentProgram.RunAsync(Options, folder, _ => Driver, new AgentLog(_logWriter, TimeProvider.System));
    }
}
