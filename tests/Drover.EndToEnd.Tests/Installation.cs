using System.Diagnostics;
using System.Text.Json;

namespace Drover.EndToEnd.Tests;

/// <summary>
/// Drover as a user has it: the program, a data folder and a folder to work in. Whatever is started in it carries its mark
/// in the environment, is found by that, and is ended with it.
/// </summary>
internal sealed class Installation : IAsyncDisposable, IAsyncLifetime
{
    private readonly string _mark = $"DROVER_END_TO_END={Guid.NewGuid():N}";
    private readonly List<RunningCommand> _commands = [];
    private DroverClient? _client;

    public Installation()
    {
        Data = Path.Combine(Root, "data");
        Work = Directory.CreateDirectory(Path.Combine(Root, "work")).FullName;
    }

    /// <summary>The program, as the build left it beside the tests.</summary>
    internal static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "drover");

    internal string Root { get; } = Directory.CreateTempSubdirectory("drover-e2e-").FullName;

    internal string Data { get; init; }

    /// <summary>Variables that commands are given with.</summary>
    internal Dictionary<string, string> Variables { get; } = [];

    /// <summary>Where commands are given, and so where jobs run.</summary>
    internal string Work { get; }

    internal string AgentFolder => Path.Combine(Data, "agent");

    /// <summary>A client of the server, which goes on with the next one after it was killed.</summary>
    internal DroverClient Client => _client ??= new DroverClient(new DroverClientOptions
    {
        Server = new Uri(Url),
        Token = Token,
        RetryFor = Eventually.Patience,
        FindServer = () => ServerFile() is { } file ? new Uri(file.Url) : null,
    });

    internal string Url => ServerFile()!.Url;

    internal string Token => File.ReadAllText(Path.Combine(Data, "token")).Trim();

    internal LiveProcess? Server => ServerFile() is { } file ? LiveProcess.Find(file.ProcessId) : null;

    internal LiveProcess? Agent => Started("agent");

    internal LiveProcess? Keeper => Started("keeper");

    /// <summary>All that lives and was started from here: server, agent, keeper, jobs, commands.</summary>
    internal IReadOnlyList<LiveProcess> Processes => LiveProcess.With(_mark);

    public async ValueTask InitializeAsync() => await UpAsync();

    /// <summary>Gives a command and waits for its end.</summary>
    internal async Task<CommandResult> RunAsync(params string[] words)
    {
        using RunningCommand command = Start(words);
        return await command.EndAsync();
    }

    /// <summary>Gives a command.</summary>
    internal RunningCommand Start(params string[] words) => Start(Command(words));

    /// <summary>Starts a program that belongs to this installation.</summary>
    internal RunningCommand Start(ProcessStartInfo start)
    {
        var command = new RunningCommand(start);
        _commands.Add(command);
        return command;
    }

    /// <summary>How a command is given.</summary>
    internal ProcessStartInfo Command(params string[] words)
    {
        var start = new ProcessStartInfo(Program, words) { WorkingDirectory = Work };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("DROVER_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["DROVER_DATA"] = Data;
        start.Environment["HOME"] = Root;
        start.Environment.Remove("XDG_STATE_HOME");
        foreach ((string name, string value) in Variables)
        {
            start.Environment[name] = value;
        }

        string[] mark = _mark.Split('=');
        start.Environment[mark[0]] = mark[1];
        return start;
    }

    /// <summary>Starts the server, unless it runs.</summary>
    internal async Task UpAsync() => (await RunAsync("up")).Exits(0);

    /// <summary>Submits a job.</summary>
    internal Task<JobHandle> SubmitAsync(params string[] command) => SubmitAsync(new JobSpec { Command = command });

    /// <summary>Submits a job, by default in the folder to work in.</summary>
    internal async Task<JobHandle> SubmitAsync(JobSpec spec)
    {
        JobInfo job = await Client.SubmitAsync(spec with { WorkingDirectory = spec.WorkingDirectory ?? Work });
        return Client.Job(job.Id);
    }

    /// <summary>Submits a job for the shell and waits until it runs.</summary>
    internal async Task<JobHandle> RunningAsync(string script)
    {
        JobHandle job = await SubmitAsync("sh", "-c", script);
        await job.IsAsync(JobState.Running);
        return job;
    }

    /// <summary>The processes of a job.</summary>
    internal IReadOnlyList<LiveProcess> ProcessesOf(JobHandle job) => LiveProcess.With(_mark, $"DROVER_ATTEMPT={job.Id}.1");

    /// <summary>A file in the folder to work in.</summary>
    internal string PathOf(string name) => Path.Combine(Work, name);

    /// <summary>Makes a file, which a job waits for.</summary>
    internal void Make(string name) => File.Create(PathOf(name)).Dispose();

    /// <summary>Kills the processes as kill -9 does, all before any is waited for.</summary>
    internal static async Task KillAsync(params LiveProcess?[] processes)
    {
        foreach (LiveProcess? process in processes)
        {
            process?.Signal(LiveProcess.SIGKILL);
        }

        foreach (LiveProcess? process in processes)
        {
            await (process?.GoneAsync() ?? Task.CompletedTask);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await KillAsync(Server); // Before the agent, which it would start again.
        await Eventually.IsTrueAsync(
            () =>
            {
                IReadOnlyList<LiveProcess> left = Processes;
                foreach (LiveProcess process in left)
                {
                    process.Signal(LiveProcess.SIGKILL);
                }

                return left.Count == 0;
            },
            $"the end of what was started in {Data}");
        _commands.ForEach(command => command.Dispose());
        Directory.Delete(Root, recursive: true);
    }

    private ServerFile? ServerFile()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(Data, Protocol.Servers.ServerFile.Name)), ProtocolJson.Default.ServerFile);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private LiveProcess? Started(string command) => Processes.FirstOrDefault(
        process => process.CommandLine is [_, var first, ..] && first == command && process.CommandLine.Contains(AgentFolder));
}
