using System.Text;
using Drover.Agent.Drivers.Process;
using Drover.Agent.Tests.Keeper;

namespace Drover.Agent.Tests.Drivers;

public sealed class ProcessExecTests : IDisposable
{
    private readonly string _run = Directory.CreateTempSubdirectory("drover-exec-").FullName;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    public void Dispose() => Directory.Delete(_run, recursive: true);

    [Fact]
    public void A_command_runs_in_the_run_directory_and_its_output_and_exit_code_come_back()
    {
        Assert.Equal(new Ending.Exited(7), Shell("pwd; echo oops >&2; cat; exit 7"));
        Assert.Equal(_run + "\n", _output.ToString());
        Assert.Equal("oops\n", _error.ToString());
    }

    [Fact]
    public void It_has_the_jobs_environment_but_not_the_stamp_of_its_attempt()
    {
        var environment = new Dictionary<string, string> { ["COLOR"] = "blue", ["DROVER_ATTEMPT"] = "forged", ["DROVER_TOKEN"] = "secret" };
        Shell("echo $COLOR $DROVER_JOB $DROVER_RUN_DIR; env | grep -c -e DROVER_ATTEMPT -e TOKEN", environment: environment);
        Assert.Equal($"blue 17 {_run}\n0\n", _output.ToString());
    }

    [Fact]
    public void A_program_that_is_not_there_is_an_ending()
    {
        var ending = Assert.IsType<Ending.LaunchFailed>(Run(["no-such-program"]));
        Assert.Equal(LaunchFailure.NoSuchProgram, ending.Reason);
        Directory.Delete(_run);
        Assert.Equal(LaunchFailure.NoSuchDirectory, Assert.IsType<Ending.LaunchFailed>(Run(["true"])).Reason);
        Directory.CreateDirectory(_run);
    }

    [Fact]
    public void A_signal_is_told() => Assert.Equal(new Ending.Signaled(6, "SIGABRT"), Shell("ulimit -c 0; kill -ABRT $$"));

    [Fact]
    public void At_its_time_limit_it_may_say_something_before_it_goes()
    {
        Assert.Equal(new Ending.TimeLimit(0.2), Shell("trap 'echo bye; exit 1' TERM; echo hi; while :; do sleep 0.01; done", seconds: 0.2));
        Assert.Equal("hi\nbye\n", _output.ToString());
    }

    [Fact]
    public void A_command_that_ignores_SIGTERM_is_killed_at_its_time_limit() =>
        Assert.Equal(new Ending.TimeLimit(0.2), Shell("trap '' TERM; while :; do sleep 0.01; done", seconds: 0.2));

    [Fact]
    public void What_it_leaves_in_its_group_is_ended_and_does_not_hold_up_the_answer()
    {
        Assert.Equal(new Ending.Exited(3), Shell("sleep 1000 & echo $!; exit 3"));
        Assert.False(Lives(_output.ToString()));
    }

    [Fact]
    public void What_left_its_group_is_ended_too_and_its_hold_on_the_output_is_not_waited_for()
    {
        Assert.Equal(new Ending.Exited(0), Shell("setsid sh -c 'echo $$; >there; exec sleep 1000' & while [ ! -e there ]; do sleep 0.01; done; exit 0"));
        Assert.False(Lives(_output.ToString()));
    }

    [Fact]
    public void What_left_its_group_is_asked_to_end_before_it_is_killed()
    {
        // Not with the errors of the command: a shell that says "Terminated" of its sleep where nobody reads any more dies of that.
        Shell("setsid sh -c 'trap \"echo asked >asked; exit\" TERM; echo $$; >there; while :; do sleep 0.01; done' 2>/dev/null & while [ ! -e there ]; do sleep 0.01; done");
        Assert.False(Lives(_output.ToString()));
        Assert.Equal("asked\n", File.ReadAllText(Path.Combine(_run, "asked")));
    }

    [Fact]
    public void What_left_its_group_is_ended_with_a_command_that_is_canceled() => EventLoop.Run(async () =>
    {
        await CancelScope.RunAsync(async scope => await ProcessExec.RunAsync(
            Order(["sh", "-c", "setsid sh -c 'trap \"\" TERM; echo $$; while :; do sleep 0.01; done' & wait"], 60, null),
            _run,
            (_, bytes) =>
            {
                _output.Append(Encoding.UTF8.GetString(bytes.Span));
                scope.Cancel("the client is gone");
                return Task.CompletedTask;
            }));
        Assert.False(Lives(_output.ToString()));
    });

    [Fact]
    public void Commands_that_run_beside_each_other_are_left_alone() => EventLoop.Run(async () =>
    {
        var other = new StringBuilder();
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine lasting = group.Start(() => ProcessExec.RunAsync(
                Order(["sh", "-c", "setsid sh -c 'echo $$; exec sleep 1000' & wait"], 60, null),
                _run,
                (_, bytes) =>
                {
                    other.Append(Encoding.UTF8.GetString(bytes.Span));
                    return Task.CompletedTask;
                }));
            await Site.UntilAsync(() => other.Length > 0);
            await ProcessExec.RunAsync(Order(["true"], 60, null), _run, (_, _) => Task.CompletedTask);
            Assert.True(Lives(other.ToString()));
            lasting.Cancel("the test is over");
        });
        Assert.False(Lives(other.ToString()));
    });

    [Fact]
    public void All_that_it_wrote_before_its_end_arrives_however_slow_the_reader_is()
    {
        long total = 0;
        Ending ending = EventLoop.Run(() => ProcessExec.RunAsync(Order(["head", "-c", "3000000", "/dev/zero"], 60, null), _run, async (_, bytes) =>
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(2));
            total += bytes.Length;
        }));
        Assert.Equal(new Ending.Exited(0), ending);
        Assert.Equal(3_000_000, total);
    }

    [Fact]
    public void A_command_whose_output_nobody_takes_waits_and_ends_at_its_time_limit()
    {
        long taken = 0;
        Ending ending = EventLoop.Run(() => ProcessExec.RunAsync(Order(["yes"], 0.3, null), _run, async (_, bytes) =>
        {
            taken += bytes.Length;
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(0.5));
        }));
        Assert.IsType<Ending.TimeLimit>(ending);
        Assert.InRange(taken, 1, 4 * ExecFrames.MaxPayload); // A pipe and a block or two: not what it could have written.
    }

    [Fact]
    public void Canceled_it_is_ended_with_its_group() => EventLoop.Run(async () =>
    {
        Outcome<Ending> outcome = await CancelScope.RunAsync(async scope => await ProcessExec.RunAsync(
            Order(["sh", "-c", "sleep 1000 & echo $!; wait"], 60, null),
            _run,
            (_, bytes) =>
            {
                _output.Append(Encoding.UTF8.GetString(bytes.Span));
                scope.Cancel("the client is gone");
                return Task.CompletedTask;
            }));
        Assert.True(outcome.IsCanceled);
        Assert.False(Lives(_output.ToString()));
    });

    [Fact]
    public void When_its_output_cannot_be_written_it_is_ended() => EventLoop.Run(async () =>
    {
        await Assert.ThrowsAsync<TaskGroupException>(() => ProcessExec.RunAsync(
            Order(["sh", "-c", "echo $$ > pid; echo out; echo err >&2; sleep 1000"], 60, null), _run, (_, _) => throw new IOException("gone")));
        Assert.False(Lives(await File.ReadAllTextAsync(Path.Combine(_run, "pid"))));
    });

    /// <summary>Whether it lives; a zombie does not.</summary>
    private static bool Lives(string process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process.Trim()}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private static ServerMessage.Exec Order(IReadOnlyList<string> command, double seconds, IReadOnlyDictionary<string, string>? environment) => new(
        new OpId(1), new AttemptId(new JobId(17), 2), "17", new ExecSpec(seconds) { Command = command }, environment);

    private Ending Shell(string script, double seconds = 60, IReadOnlyDictionary<string, string>? environment = null) =>
        Run(["sh", "-c", script], seconds, environment);

    private Ending Run(IReadOnlyList<string> command, double seconds = 60, IReadOnlyDictionary<string, string>? environment = null) => EventLoop.Run(() =>
        ProcessExec.RunAsync(Order(command, seconds, environment), _run, (kind, bytes) =>
        {
            (kind == OutputKind.Output ? _output : _error).Append(Encoding.UTF8.GetString(bytes.Span));
            return Task.CompletedTask;
        }));
}
