using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Drover.EndToEnd.Tests;

/// <summary>What is around Drover fails: it says what to do, and loses nothing.</summary>
public sealed class SurroundingsTests
{
    [Fact]
    public async Task The_first_run_starts_a_server_and_says_so_beside_the_output()
    {
        await using var drover = new Installation();
        CommandResult run = (await drover.RunAsync("run", "echo", "hello")).Exits(0);
        Assert.Equal("hello\n", run.Text);
        Assert.Contains($"started a server at {drover.Url}", run.Error);
        Assert.Empty((await drover.RunAsync("run", "true")).Exits(0).Error);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(drover.Data));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(drover.Data, "token")));
        LiveProcess server = drover.Server!;
        Assert.Contains("no job was unfinished", (await drover.RunAsync("down")).Exits(0).Text);
        Assert.False(server.IsAlive);
        Assert.False(File.Exists(Path.Combine(drover.Data, ServerFile.Name)));
    }

    [Fact]
    public async Task Several_first_commands_at_once_share_one_server()
    {
        await using var drover = new Installation();
        CommandResult[] runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => drover.RunAsync("run", "echo", $"{i}")));
        Assert.Equal(["0\n", "1\n", "2\n", "3\n"], runs.Select(run => run.Exits(0).Text));
        Assert.Single(drover.Processes, process => process.CommandLine.Contains("--foreground"));
    }

    [Fact]
    public async Task A_full_disk_refuses_jobs_and_loses_none()
    {
        using var disk = new SmallDisk();
        await using var drover = new Installation { Data = Path.Combine(disk.Path, "data") };
        await drover.UpAsync();
        JobHandle before = await drover.SubmitAsync("echo", "before");
        await before.EndAsync();
        JobHandle during = await drover.RunningAsync("until [ -e go ]; do sleep 0.02; done; exit 3");
        IReadOnlyList<LiveProcess> processes = drover.ProcessesOf(during);

        disk.Fill();
        CommandResult refused = await drover.RunAsync("submit", "true");
        for (int i = 0; i < 200 && refused.ExitCode == 0; i++)
        {
            refused = await drover.RunAsync("submit", "true"); // What room there was in the database's files is used up first.
        }

        Assert.Contains("full", refused.Exits(1).Error);
        Assert.Contains("Make room", refused.Error);
        var api = await Assert.ThrowsAsync<RequestRefusedException>(() => drover.SubmitAsync("true"));
        Assert.Equal((507, "diskFull"), (api.Status, api.Problem.Code));
        Assert.Equal("before\n", (await drover.RunAsync("log", before.Id.ToString())).Exits(0).Text);
        drover.Make("go");
        await Eventually.IsTrueAsync(() => !processes.Any(process => process.IsAlive), "the end of the job");

        disk.MakeRoom();
        Assert.Equal(new Ending.Exited(3), await during.EndingAsync());
        await during.HasEndedOnceAsync();
        Assert.Equal("again\n", (await drover.RunAsync("run", "echo", "again")).Exits(0).Text);
        await foreach (JobInfo job in drover.Client.ListAllJobsAsync())
        {
            await drover.Client.Job(job.Id).EndAsync();
        }
    }

    [Fact]
    public async Task A_server_is_not_started_on_a_full_disk_and_says_why()
    {
        using var disk = new SmallDisk();
        await using var drover = new Installation { Data = Path.Combine(disk.Path, "data") };
        disk.Fill();
        CommandResult up = (await drover.RunAsync("up")).Exits(4);
        Assert.Matches("(?i)full|no space", up.Error);
        disk.MakeRoom();
        await drover.UpAsync();
    }

    [Fact]
    public async Task A_read_only_data_folder_is_named()
    {
        using var disk = new SmallDisk();
        await using var drover = new Installation { Data = Path.Combine(disk.Path, "data") };
        await drover.UpAsync();
        (await drover.RunAsync("run", "true")).Exits(0);
        (await drover.RunAsync("down")).Exits(0);
        await Installation.KillAsync(drover.Agent, drover.Keeper);
        disk.MakeReadOnly();
        CommandResult up = (await drover.RunAsync("up")).Exits(4);
        Assert.Contains(drover.Data, up.Error);
        Assert.Contains("--data", up.Error);
        Assert.Contains("Read-only", up.Error);
    }

    [Fact]
    public async Task A_data_folder_of_another_user_is_named()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "becoming another user takes root");
        using var place = new OthersFolder();
        await using var drover = new Installation();
        await drover.UpAsync();
        ProcessStartInfo start = place.AsNobody(drover.Command("list"));
        start.Environment["DROVER_DATA"] = Directory.CreateDirectory(place["locked"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        start.ArgumentList[^1] = "up";
        using RunningCommand up = drover.Start(start);
        Assert.Contains(place["locked"], (await up.EndAsync()).Exits(1).Error);
    }

    [Fact]
    public async Task What_the_agent_may_not_read_is_named_and_all_else_comes()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "becoming another user takes root, which may read everything");
        using var place = new OthersFolder();
        await using var drover = new Installation { Data = place["data"] };
        Task<CommandResult> RunAsync(params string[] words) => drover.Start(place.AsNobody(drover.Command(words))).EndAsync();
        (await RunAsync("run", "--", "sh", "-c", "cd $DROVER_RUN_DIR; mkdir shut; for f in a b c shut/d; do echo $f >$f; done; chmod 0 b shut")).Exits(0);
        Assert.Contains("'b' and 1 more cannot be read by the agent", (await RunAsync("files", "1")).Exits(0).Error);
        Assert.Contains("'b', 'shut' did not come: the agent may not read them.", (await RunAsync("get", "1", ".", "all")).Exits(1).Error);
        Assert.Equal(["a", "c"], Directory.EnumerateFileSystemEntries(place["all"]).Select(Path.GetFileName).Order());
        Assert.Contains("Cannot open 'b': permission denied", (await RunAsync("get", "1", "b")).Exits(1).Error);
        (await RunAsync("get", "1", "[ac]", "some")).Exits(0);
        Assert.Contains("'b', 'shut' did not come", (await RunAsync("get", "1", "**", "rest")).Exits(1).Error);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        await using var drover = new Installation();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        string port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString();
        CommandResult up = (await drover.RunAsync("up", "--port", port)).Exits(4);
        Assert.Contains($"Port {port}", up.Error);
        Assert.Contains("--port", up.Error);
        Assert.Empty(drover.Processes);
        await drover.UpAsync();
    }

    [Fact]
    public async Task A_second_server_on_the_same_data_folder_is_told_of_the_first()
    {
        await using var drover = new Installation();
        await drover.UpAsync();
        CommandResult second = (await drover.RunAsync("up", "--foreground")).Exits(4);
        Assert.Contains($"process number {drover.Server!.Id}", second.Error);
        Assert.Contains(drover.Url, second.Error);
        Assert.Contains("was running already", (await drover.RunAsync("up")).Exits(0).Text);
        (await drover.RunAsync("run", "true")).Exits(0);
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_left_alone()
    {
        await using var drover = new Installation();
        (await drover.RunAsync("run", "true")).Exits(0);
        (await drover.RunAsync("down")).Exits(0);
        string database = Path.Combine(drover.Data, "drover.db");
        byte[] version = new byte[4];
        using (FileStream file = File.Open(database, FileMode.Open))
        {
            const int UserVersion = 60; // Where PRAGMA user_version is, in the format of SQLite's files.
            file.Seek(UserVersion, SeekOrigin.Begin);
            file.ReadExactly(version);
            file.Seek(UserVersion, SeekOrigin.Begin);
            file.Write([0, 0, 3, 231]);
        }

        byte[] before = await File.ReadAllBytesAsync(database);
        CommandResult up = (await drover.RunAsync("up")).Exits(4);
        Assert.Contains("999", up.Error);
        Assert.Contains("newer", up.Error);
        Assert.Equal(before, await File.ReadAllBytesAsync(database));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named_and_left_alone()
    {
        await using var drover = new Installation();
        Directory.CreateDirectory(drover.Data);
        string database = Path.Combine(drover.Data, "drover.db");
        await File.WriteAllTextAsync(database, string.Concat(Enumerable.Repeat("not a database at all\n", 500)));
        Assert.Contains(database, (await drover.RunAsync("up")).Exits(4).Error);
        Assert.StartsWith("not a database at all\n", await File.ReadAllTextAsync(database));
    }

    [Fact]
    public async Task Every_mistake_in_the_configuration_is_named_with_its_line()
    {
        await using var drover = new Installation();
        Directory.CreateDirectory(drover.Data);
        string file = Path.Combine(drover.Data, "drover.yaml");
        await File.WriteAllTextAsync(file, "listen: here\nsites:\n  - name: local\n    cpus: many\njobs:\n  grace: 3\n");
        CommandResult up = (await drover.RunAsync("up")).Exits(4);
        Assert.Contains("drover.yaml", up.Error);
        foreach (string part in (string[])["1: 'listen'", "4: 'cpus'", "6: 'grace'"])
        {
            Assert.Contains(part, up.Error);
        }

        await File.WriteAllTextAsync(file, "sites:\n  - name: local\n    cpus: 7\n");
        await drover.UpAsync();
        Assert.Equal(7, Assert.Single(await drover.Client.ListSitesAsync()).Cpus);
    }

    [Fact]
    public async Task What_can_never_run_is_refused_with_the_numbers()
    {
        await using var drover = new Installation();
        await drover.UpAsync(); // No agent has been here yet.
        int cpus = Environment.ProcessorCount;
        CommandResult refused = (await drover.RunAsync("submit", "--cpus", $"{cpus + 1}", "true")).Exits(1);
        Assert.Contains($"asks for {cpus + 1} CPUs", refused.Error);
        Assert.Contains($"has {cpus}", refused.Error);
        Assert.Contains("nowhere", (await drover.RunAsync("submit", "--site", "nowhere", "true")).Exits(1).Error);
        CommandResult large = (await drover.RunAsync("submit", "echo", new string('x', 60_000))).Exits(1);
        Assert.Contains("48 KiB", large.Error);
        Assert.Equal("", (await drover.RunAsync("list", "--all", "--json")).Exits(0).Text);
    }

    [Fact]
    public async Task An_idle_agent_ends_and_is_started_for_the_next_job()
    {
        await using var drover = new Installation();
        Directory.CreateDirectory(drover.Data);
        await File.WriteAllTextAsync(Path.Combine(drover.Data, "drover.yaml"), "agents:\n  idleMinutes: 0.01\n");
        await drover.UpAsync();
        for (int i = 0; i < 2; i++)
        {
            JobHandle job = await drover.SubmitAsync("echo", "hello");
            await job.EndAsync();
            await Eventually.IsTrueAsync(() => drover.Agent is null, "the end of the idle agent");
            Assert.Equal("hello\n", (await drover.RunAsync("log", job.Id.ToString())).Exits(0).Text);
            await Eventually.IsTrueAsync(() => drover.Agent is null, "the end of the idle agent");
        }
    }

    [Fact]
    public async Task A_token_that_the_server_does_not_know_any_more_lets_the_agent_drain()
    {
        await using var drover = new Installation();
        Directory.CreateDirectory(drover.Data);
        using var any = new TcpListener(IPAddress.Loopback, 0);
        any.Start();
        int port = ((IPEndPoint)any.LocalEndpoint).Port;
        any.Stop();
        await File.WriteAllTextAsync(Path.Combine(drover.Data, "drover.yaml"), $"listen: {port}\n");
        await drover.UpAsync();
        string token = (await drover.RunAsync("admin", "agent", "--site", "lab")).Exits(0).Text.Trim();
        string[] command = ["agent", "--server", drover.Url, "--token", token, "--folder", drover.PathOf("lab")];
        using RunningCommand agent = drover.Start(command);
        JobHandle job = await drover.SubmitAsync(new JobSpec("lab") { Command = ["sh", "-c", "until [ -e go ]; do sleep 0.02; done; exit 3"] });
        await job.IsAsync(JobState.Running);
        (await drover.RunAsync("down")).Exits(0);

        // Another server at the same address, which has never heard of it.
        await using (var other = new Installation())
        {
            Directory.CreateDirectory(other.Data);
            File.Copy(Path.Combine(drover.Data, "drover.yaml"), Path.Combine(other.Data, "drover.yaml"));
            await other.UpAsync();
            await agent.ComplainsAsync("Waits for the end of 1");
            Assert.NotEmpty(drover.ProcessesOf(job));
            drover.Make("go");
            Assert.Contains("token", (await agent.EndAsync()).Exits(3).Error);
        }

        await drover.UpAsync();
        using RunningCommand again = drover.Start(command);
        Assert.Equal(new Ending.Exited(3), await job.EndingAsync());
        await job.HasEndedOnceAsync();
    }
}
