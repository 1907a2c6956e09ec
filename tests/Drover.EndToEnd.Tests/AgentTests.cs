using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using Drover.Protocol.Agents;

namespace Drover.EndToEnd.Tests;

public sealed class AgentTests(RunTests.Shared shared) : IClassFixture<RunTests.Shared>
{
    private readonly Installation _drover = shared.Drover;

    [Fact]
    public async Task An_agent_that_is_started_by_hand_elsewhere_runs_the_jobs_of_its_site()
    {
        string folder = Directory.CreateDirectory(Path.Combine(_drover.Root, "elsewhere")).FullName;
        ProcessStartInfo start = _drover.Command("agent", "--server", _drover.Url, "--token", await TokenAsync("lab"), "--folder", "mine");
        start.WorkingDirectory = folder;
        using RunningCommand agent = _drover.Start(start);
        await agent.ComplainsAsync("Connected");
        CommandResult run = (await _drover.RunAsync("run", "--site", "lab", "--name", "far", "sh", "-c", "pwd; echo $DROVER_RUN_DIR; echo result > file")).Exits(0);
        string[] lines = run.Text.Split('\n');
        Assert.Equal(lines[0], lines[1]); // Elsewhere a job runs in its run directory.
        Assert.StartsWith(Path.Combine(folder, "mine", "runs"), lines[0]);
        string id = Path.GetFileName(lines[0]);
        Assert.Equal("result\n", (await _drover.RunAsync("get", id, "file", "-")).Exits(0).Text);
        Assert.Contains("lab", (await _drover.RunAsync("agents")).Exits(0).Text);

        agent.Process.Signal(LiveProcess.SIGTERM);
        Assert.Contains("Jobs that run go on", (await agent.EndAsync()).Exits(0).Error);
    }

    [Fact]
    public async Task An_agent_may_be_another_Unix_user()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "becoming another user takes root");
        using var place = new OthersFolder();
        ProcessStartInfo start = _drover.Command("agent", "--server", _drover.Url, "--folder", place["agent"]);
        start.Environment["DROVER_AGENT_TOKEN"] = await TokenAsync("other");
        start.Environment.Remove("DROVER_DATA");
        using RunningCommand agent = _drover.Start(place.AsNobody(start));
        await agent.ComplainsAsync("Connected");
        CommandResult run = (await _drover.RunAsync("run", "--site", "other", "sh", "-c", "id -un; env | grep -c TOKEN; echo x > mine; ls -l mine | cut -d' ' -f3; echo $DROVER_JOB")).Exits(0);
        string[] lines = run.Text.Split('\n');
        Assert.Equal(["nobody", "0", "nobody"], lines[..3]);
        Assert.Equal("x\n", (await _drover.RunAsync("get", lines[3], "mine", "-")).Exits(0).Text);
        JobHandle job = await _drover.SubmitAsync(new JobSpec("other") { Command = ["sleep", "1000"], WorkingDirectory = "/" });
        await job.IsAsync(JobState.Running);
        await job.CancelAsync();
        Assert.IsType<Ending.Canceled>(await job.EndingAsync());
        Assert.Empty(_drover.ProcessesOf(job));
        Assert.Contains(await _drover.Client.ListAgentsAsync(), a => a is { Site: "other", UnixUser: "nobody" });
        await Installation.KillAsync([agent.Process, .. _drover.Processes.Where(p => p.CommandLine.Contains(place["agent"]))]);
    }

    [Fact]
    public async Task An_agent_with_a_wrong_token_says_so_and_ends()
    {
        using RunningCommand agent = _drover.Start(
            "agent", "--server", _drover.Url, "--token", "nonsense", "--folder", _drover.PathOf("wrong"));
        Assert.Contains("token", (await agent.EndAsync()).Exits(3).Error);
    }

    [Fact]
    public async Task An_agent_without_its_server_is_told_what_is_missing()
    {
        Assert.Contains("--server", (await _drover.RunAsync("agent", "--folder", _drover.PathOf("none"))).Exits(2).Error);
        CommandResult noToken = await _drover.RunAsync("agent", "--server", _drover.Url, "--folder", _drover.PathOf("none"));
        Assert.Contains("--token", noToken.Exits(1).Error);
    }

    [Fact]
    public async Task Two_agents_with_one_folder_are_one_too_many()
    {
        (await _drover.RunAsync("run", "true")).Exits(0);
        CommandResult second = await _drover.RunAsync("agent", "--server", _drover.Url, "--token", "any", "--folder", _drover.AgentFolder);
        Assert.Contains(_drover.AgentFolder, second.Exits(1).Error);
    }

    [Fact]
    public async Task An_agent_of_another_version_of_the_protocol_is_refused_with_what_to_do()
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {await TokenAsync("future")}");
        await socket.ConnectAsync(new Uri((_drover.Url).Replace("http://", "ws://", StringComparison.Ordinal).TrimEnd('/') + AgentProtocol.ConnectPath), default);
        var hello = new AgentMessage.Hello
        {
            Protocol = AgentProtocol.Version + 1,
            Version = "9.9.9",
            Folder = "f",
            Host = "h",
            UnixUser = "u",
            ProcessId = 1,
            Cpus = 1,
            MemoryBytes = 1,
            Driver = "process",
            Limits = [],
        };
        await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes([hello], ProtocolJson.Default.AgentMessageArray), WebSocketMessageType.Text, true, default);
        byte[] buffer = new byte[AgentProtocol.MaxMessageBytes];
        WebSocketReceiveResult received = await socket.ReceiveAsync(buffer, default);
        ServerMessage[] answer = JsonSerializer.Deserialize(buffer.AsSpan(0, received.Count), ProtocolJson.Default.ServerMessageArray)!;
        Assert.Contains("update the server", Assert.IsType<ServerMessage.Refused>(Assert.Single(answer)).Reason);
    }

    [Fact]
    public async Task Another_user_sees_nothing_of_the_first_ones_jobs()
    {
        JobHandle job = await _drover.RunningAsync("echo secret; sleep 1000");
        string token = (await _drover.RunAsync("admin", "user", "eve")).Exits(0).Text.Trim();
        string id = job.Id.ToString();
        Assert.Equal("", (await AsEveAsync("list", "--all", "--json")).Exits(0).Text);
        foreach (string[] command in (string[][])[["show", id], ["log", id], ["files", id], ["explain", id], ["cancel", id], ["wait", id], ["get", id, "file", "-"]])
        {
            CommandResult refused = (await AsEveAsync(command)).Exits(3);
            Assert.Equal("", refused.Text);
            Assert.Contains($"job {id}", refused.Error);
        }

        (await AsEveAsync("admin", "user", "mallory")).Exits(1);
        (await AsEveAsync("tree")).Exits(1);
        (await AsEveAsync("down")).Exits(1);
        Assert.Equal(JobState.Running, (await job.GetAsync()).State);
        await job.CancelAsync();
        await job.EndAsync();

        async Task<CommandResult> AsEveAsync(params string[] words)
        {
            ProcessStartInfo start = _drover.Command(words);
            start.Environment["DROVER_SERVER"] = _drover.Url;
            start.Environment["DROVER_TOKEN"] = token;
            using RunningCommand command = _drover.Start(start);
            return await command.EndAsync();
        }
    }

    private async Task<string> TokenAsync(string site) =>
        (await _drover.RunAsync("admin", "agent", "--site", site)).Exits(0).Text.Trim();
}
