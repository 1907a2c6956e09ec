namespace Drover.Coroutines.Tests.Processes;

public sealed class SubprocessStartTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(42)]
    [InlineData(255)]
    public void An_exit_code_is_told(int code) => EventLoop.Run(async () =>
    {
        ProcessResult result = await Subprocess.RunAsync(new ProcessSpec("sh", "-c", $"exit {code}"));
        Assert.Equal(new ProcessExit.Exited(code), result.Exit);
        Assert.Equal(code == 0, result.Exit.IsSuccess);
    });

    [Theory]
    [InlineData(UnixSignal.SIGTERM)]
    [InlineData(UnixSignal.SIGKILL)]
    [InlineData(UnixSignal.SIGUSR1)]
    public void A_signal_that_ended_it_is_told_by_name(UnixSignal signal) => EventLoop.Run(async () =>
    {
        ProcessResult result = await Subprocess.RunAsync(new ProcessSpec("sh", "-c", $"kill -{(int)signal} $$"));
        var signaled = Assert.IsType<ProcessExit.Signaled>(result.Exit);
        Assert.Equal(signal, signaled.Signal);
        Assert.Equal($"was ended by {signal}", signaled.ToString());
    });

    [Fact]
    public void A_real_time_signal_is_called_by_its_number() => EventLoop.Run(async () =>
    {
        ProcessResult result = await Subprocess.RunAsync(new ProcessSpec("sh", "-c", "kill -40 $$"));
        Assert.Equal("was ended by signal 40", result.Exit.ToString());
    });

    [Fact]
    public void A_missing_program_is_named_with_the_path_it_was_looked_for_in() => EventLoop.Run(async () =>
    {
        var spec = new ProcessSpec("no-such-program") { Environment = new Dictionary<string, string?> { ["PATH"] = "/usr/bin:/bin" } };
        var e = await Assert.ThrowsAsync<ProcessStartException>(() => Subprocess.RunAsync(spec));
        Assert.Equal(ProcessStartFailure.NoSuchProgram, e.Failure);
        Assert.Equal("Cannot start 'no-such-program': there is no such program in the PATH '/usr/bin:/bin'.", e.Message);
    });

    [Fact]
    public void A_missing_file_is_no_program() => Refuses(
        new ProcessSpec("/no/such/file"), ProcessStartFailure.NoSuchProgram, "Cannot start '/no/such/file': there is no such file.");

    [Fact]
    public void A_file_without_permission_is_not_executable()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["data"], "just text");
        Refuses(new ProcessSpec(folder["data"]), ProcessStartFailure.NotExecutable, "permission denied");
        var inPath = new Dictionary<string, string?> { ["PATH"] = folder.Path };
        Refuses(new ProcessSpec("data") { Environment = inPath }, ProcessStartFailure.NotExecutable, "permission denied");
    }

    [Fact]
    public void A_text_without_an_interpreter_is_not_executable()
    {
        using var folder = new TemporaryFolder();
        Refuses(Script(folder, "just text"), ProcessStartFailure.NotExecutable, "a script's first line must be #!");
    }

    [Fact]
    public void A_script_whose_interpreter_is_missing_is_not_called_missing_itself()
    {
        using var folder = new TemporaryFolder();
        Refuses(Script(folder, "#!/no/such/interpreter\n"), ProcessStartFailure.NotExecutable, "interpreter");
    }

    [Fact]
    public void A_program_that_stays_open_for_writing_is_not_executable()
    {
        using var folder = new TemporaryFolder();
        ProcessSpec script = Script(folder, "#!/bin/sh\n");
        using FileStream open = File.OpenWrite(script.FileName);
        Refuses(script, ProcessStartFailure.NotExecutable, "the file is open for writing");
    }

    [Fact]
    public void A_directory_is_not_executable() => Refuses(new ProcessSpec("/tmp"), ProcessStartFailure.NotExecutable, "it is a directory");

    [Fact]
    public void A_missing_working_directory_is_named() => Refuses(
        new ProcessSpec("true") { WorkingDirectory = "/no/such/folder" },
        ProcessStartFailure.NoSuchDirectory,
        "Cannot start 'true' in '/no/such/folder': no such file or directory.");

    [Fact]
    public void A_working_directory_that_is_a_file_is_refused() => Refuses(
        new ProcessSpec("true") { WorkingDirectory = "/etc/passwd" }, ProcessStartFailure.NoSuchDirectory, "not a directory");

    [Fact]
    public void An_output_file_that_cannot_be_opened_is_named() => Refuses(
        new ProcessSpec("true") { Output = OutputTarget.File("/no/such/out") }, ProcessStartFailure.CannotOpenFile, "cannot open '/no/such/out'");

    [Fact]
    public void Arguments_that_are_too_long_are_refused() => Refuses(
        new ProcessSpec("true", new string('x', 10_000_000)), ProcessStartFailure.TooLong, "too long");

    [Fact]
    public void A_null_character_is_refused_before_anything_starts() => EventLoop.Run(async () =>
        await Assert.ThrowsAsync<ArgumentException>(() => Subprocess.RunAsync(new ProcessSpec("echo", "a\0b"))));

    [Fact]
    public void Arguments_arrive_as_they_are() => EventLoop.Run(async () =>
    {
        string[] odd = ["a b", "", "*", "$HOME", "'\"\\", "žluťoučký 🐎", "x\ny"];
        ProcessResult result = await Subprocess.RunAsync(new ProcessSpec("printf", ["[%s]", .. odd]));
        Assert.Equal(string.Concat(odd.Select(a => $"[{a}]")), result.Output);
    });

    [Fact]
    public void The_environment_is_inherited_and_changed() => EventLoop.Run(async () =>
    {
        Environment.SetEnvironmentVariable("DROVER_TEST_GONE", "1");
        Environment.SetEnvironmentVariable("DROVER_TEST_KEPT", "kept");
        var spec = new ProcessSpec("sh", "-c", "echo \"$DROVER_TEST_NEW,$DROVER_TEST_KEPT,${DROVER_TEST_GONE-none}\"")
        {
            Environment = new Dictionary<string, string?> { ["DROVER_TEST_NEW"] = "né=w", ["DROVER_TEST_GONE"] = null },
        };
        Assert.Equal("né=w,kept,none\n", (await Subprocess.RunAsync(spec)).Output);
    });

    [Fact]
    public void An_environment_can_be_exact() => EventLoop.Run(async () =>
    {
        var spec = new ProcessSpec("env") { InheritsEnvironment = false, Environment = new Dictionary<string, string?> { ["ONLY"] = "this" } };
        Assert.Equal("ONLY=this\n", (await Subprocess.RunAsync(spec)).Output);
    });

    [Fact]
    public void The_program_is_looked_up_in_the_path_that_the_process_gets()
    {
        using var folder = new TemporaryFolder();
        Script(folder, "#!/bin/sh\necho found\n", "only-here");
        EventLoop.Run(async () =>
        {
            var spec = new ProcessSpec("only-here") { Environment = new Dictionary<string, string?> { ["PATH"] = $"/no/such:{folder.Path}:/bin" } };
            Assert.Equal("found\n", (await Subprocess.RunAsync(spec)).Output);
        });
    }

    [Fact]
    public void It_runs_in_its_working_directory_where_relative_paths_begin()
    {
        using var folder = new TemporaryFolder();
        Script(folder, "#!/bin/sh\npwd\n", "here");
        EventLoop.Run(async () =>
        {
            var spec = new ProcessSpec("./here") { WorkingDirectory = folder.Path, Output = OutputTarget.File("out") };
            Assert.True((await Subprocess.RunAsync(spec)).Exit.IsSuccess);
            Assert.Equal(folder.Path + "\n", File.ReadAllText(folder["out"]));
        });
    }

    [Fact]
    public void It_leads_a_group_of_its_own_and_a_session_when_asked() => EventLoop.Run(async () =>
    {
        // Fields of /proc/self/stat: pid (name) state parent group session.
        var spec = new ProcessSpec("cat", "/proc/self/stat");
        string[] own = (await Subprocess.RunAsync(spec)).Output.Split(' ');
        Assert.Equal(own[0], own[4]);
        Assert.NotEqual(own[0], own[5]);
        string[] session = (await Subprocess.RunAsync(spec with { NewSession = true })).Output.Split(' ');
        Assert.Equal(session[0], session[4]);
        Assert.Equal(session[0], session[5]);
    });

    [Fact]
    public void Its_signals_are_those_of_a_fresh_program() => EventLoop.Run(async () =>
    {
        // The runtime ignores SIGPIPE and blocks or catches others; none of it must be inherited.
        string status = (await Subprocess.RunAsync(new ProcessSpec("cat", "/proc/self/status"))).Output;
        Assert.All(["SigBlk", "SigIgn", "SigCgt"], kind => Assert.Contains($"\n{kind}:\t0000000000000000\n", status, StringComparison.Ordinal));
    });

    [Fact]
    public void It_inherits_no_other_files() => EventLoop.Run(async () =>
    {
        var results = await TaskGroup.MapAsync(
            Enumerable.Range(0, 20), 20, async _ => await Subprocess.RunAsync(new ProcessSpec("ls", "/proc/self/fd")));
        Assert.All(results, result => Assert.Equal("0\n1\n2\n3\n", result.Output)); // 3 is the listing itself.
    });

    [Fact]
    public void A_script_just_written_starts_while_others_are_being_started() => EventLoop.Run(async () =>
    {
        using var folder = new TemporaryFolder();
        ProcessResult[] results = await TaskGroup.MapAsync(Enumerable.Range(0, 100), 10, async i =>
        {
            ProcessSpec script = await Blocking.RunAsync(() => Script(folder, $"#!/bin/sh\nexit {i}\n", $"script{i}"));
            return await Subprocess.RunAsync(script);
        });
        Assert.Equal(Enumerable.Range(0, 100), results.Select(r => ((ProcessExit.Exited)r.Exit).Code));
    });

    [Fact]
    public void The_loop_goes_on_while_processes_are_started() => EventLoop.Run(async () =>
    {
        int beats = 0;
        TimeSpan longest = TimeSpan.Zero;
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(async () =>
            {
                while (true)
                {
                    long begun = TimeProvider.System.GetTimestamp();
                    await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
                    TimeSpan took = TimeProvider.System.GetElapsedTime(begun);
                    longest = took > longest ? took : longest;
                    beats++;
                }
            });
            await TaskGroup.MapAsync(Enumerable.Range(0, 200), 8, async _ => await Subprocess.RunAsync(new ProcessSpec("true")));
            group.Cancel("done");
        });
        Assert.True(beats > 20, $"only {beats} beats");
        Assert.True(longest < TimeSpan.FromMilliseconds(500), $"a beat took {longest}");
    });

    internal static ProcessSpec Script(TemporaryFolder folder, string text, string name = "script")
    {
        File.WriteAllText(folder[name], text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder[name], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return new ProcessSpec(folder[name]);
    }

    private static void Refuses(ProcessSpec spec, ProcessStartFailure failure, string words) => EventLoop.Run(async () =>
    {
        var e = await Assert.ThrowsAsync<ProcessStartException>(() => Subprocess.RunAsync(spec));
        Assert.Equal(failure, e.Failure);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    });
}
