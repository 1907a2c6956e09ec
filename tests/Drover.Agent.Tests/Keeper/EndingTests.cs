using Drover.Agent.Drivers.Process;
using Drover.Agent.Keeper;

namespace Drover.Agent.Tests.Keeper;

public sealed class EndingTests
{
    [Fact]
    public void A_signal_is_told_by_name() => Ends(
        site => site.Shell("kill -SEGV $$"),
        end => Assert.Equal("SIGSEGV", Assert.IsType<Ending.Signaled>(end.Ending).Name));

    [Fact]
    public void A_kill_from_elsewhere_is_no_cancellation() => Ends(
        site => site.Shell("kill -KILL $$"),
        end =>
        {
            Assert.Equal(9, Assert.IsType<Ending.Signaled>(end.Ending).Number);
            Assert.Contains("Drover did not send it", end.Evidence);
        });

    [Fact]
    public void The_end_of_the_errors_is_kept_also_when_it_is_no_text() => Ends(
        site => site.Shell("head -c 100000 /dev/zero | tr '\\0' '\\377' >&2; echo ' last words' >&2; exit 1"),
        end =>
        {
            Assert.EndsWith("\uFFFD last words\n", end.ErrorTail);
            Assert.Equal(ErrorTail.MaxBytes, end.ErrorTail!.Length);
        });

    [Fact]
    public void A_missing_program_is_told() => Ends(
        site => site.Order("no-such-program"),
        end => Assert.Equal(LaunchFailure.NoSuchProgram, Assert.IsType<Ending.LaunchFailed>(end.Ending).Reason));

    [Fact]
    public void A_program_in_the_working_directory_is_proposed() => Ends(
        site =>
        {
            string directory = Directory.CreateDirectory(Path.Combine(site.Folder, "work")).FullName;
            File.WriteAllText(Path.Combine(directory, "simulate"), "#!/bin/sh\n");
            RunOrder order = site.Order("simulate");
            return order with { Spec = order.Spec with { WorkingDirectory = directory } };
        },
        end => Assert.Contains("'./simulate' would start it", Assert.IsType<Ending.LaunchFailed>(end.Ending).Message));

    [Fact]
    public void A_file_that_is_no_program_is_told() => Ends(
        site => site.Order("/etc/passwd"),
        end => Assert.Equal(LaunchFailure.NotExecutable, Assert.IsType<Ending.LaunchFailed>(end.Ending).Reason));

    [Fact]
    public void A_missing_directory_is_told()
        => Ends(
            site =>
            {
                RunOrder order = site.Order("true");
                return order with { Spec = order.Spec with { WorkingDirectory = "/no/such/directory" } };
            },
            end => Assert.Equal(LaunchFailure.NoSuchDirectory, Assert.IsType<Ending.LaunchFailed>(end.Ending).Reason));

    [Fact]
    public void A_run_directory_that_cannot_be_made_is_told() => Ends(
        site =>
        {
            RunOrder order = site.Order("true");
            Directory.CreateDirectory(site.Files.Runs);
            File.WriteAllText(site.Run(order), "in the way");
            return order;
        },
        end => Assert.True(Assert.IsType<Ending.LaunchFailed>(end.Ending).Reason is LaunchFailure.CannotWrite or LaunchFailure.NoSuchDirectory));

    [Fact]
    public void An_order_that_leads_out_of_the_runs_is_refused() => Ends(
        site => site.Order("true") with { RunDirectory = "../out" },
        end => Assert.Contains("'../out' is not the name", Assert.IsType<Ending.LaunchFailed>(end.Ending).Message));

    [Fact]
    public void A_time_limit_ends_it_and_is_named() => Ends(
        site =>
        {
            RunOrder order = site.Order("sleep", "600");
            return order with { Spec = order.Spec with { TimeLimitSeconds = 0.1 } };
        },
        end =>
        {
            Assert.Equal(new Ending.TimeLimit(0.1), end.Ending);
            Assert.Contains("its time limit of 100 ms had passed, and the keeper sent SIGTERM", end.Evidence);
        });

    [Fact]
    public void Too_much_memory_is_told_as_such()
    {
        Assert.SkipWhen(MemoryGroups.Find() is null, "This user may not make control groups with a limit of memory.");
        Ends(
            site =>
            {
                RunOrder order = site.Shell("x=$(head -c 300000000 /dev/zero | tr '\\0' x); echo ${#x}");
                return order with { Spec = order.Spec with { MemoryBytes = 30 << 20 } };
            },
            end =>
            {
                Assert.Equal(new Ending.OutOfMemory(30 << 20), end.Ending);
                Assert.Contains("the kernel killed", end.Evidence);
            });
        Assert.Empty(Directory.GetDirectories(MemoryGroups.Find()!.Parent, "drover-*"));
    }

    [Fact]
    public void A_control_group_that_may_not_be_entered_is_told_as_one_that_cannot_be_entered() => Site.Run(site =>
    {
        string runs = Path.Combine(site.Folder, "runs");
        var attempt = new AttemptId(new JobId(1), 1);
        MemoryGroup group = MemoryGroup.Make(new MemoryGroups(site.Folder, IsSecond: true), runs, attempt, 1 << 20);
        Directory.CreateDirectory(Path.Combine(Assert.Single(Directory.GetDirectories(site.Folder, "drover-*")), "cgroup.procs")); // Nobody may write it.
        Assert.Throws<IOException>(() => group.AddAll(Environment.ProcessId));
        return Task.CompletedTask;
    });

    [Fact]
    public void What_cannot_be_killed_is_named_in_the_evidence() => Assert.EndsWith(
        "it had left 2 processes behind, which the keeper asked to end; the keeper sent SIGKILL, and yet process 12 did not end: see its state with ps",
        Endings.Evidence(new Endings.Seen { ProcessId = 11, Exit = new ProcessExit.Exited(0), LeftBehind = 2, Unkilled = [12] }));

    [Fact]
    public void A_limit_of_memory_holds_for_what_a_job_starts_in_its_first_moment()
    {
        Assert.SkipWhen(MemoryGroups.Find() is null, "This user may not make control groups with a limit of memory.");
        Ends(
            site =>
            {
                RunOrder order = site.Shell("head -c 300000000 /dev/zero | tail");
                return order with { Spec = order.Spec with { MemoryBytes = 30 << 20 } };
            },
            end => Assert.Equal(new Ending.OutOfMemory(30 << 20), end.Ending));
    }

    [Fact]
    public void The_environment_is_the_agents_with_what_the_job_adds_and_without_secrets() => Site.Run(async site =>
    {
        Environment.SetEnvironmentVariable("DROVER_TOKEN", "secret");
        ProcessDriver driver = await site.DriverAsync();
        RunOrder order = site.Order("env");
        order = order with { Spec = order.Spec with { Cpus = 3, Environment = new Dictionary<string, string> { ["COLOR"] = "blue" } } };
        await driver.StartAsync(order);
        await driver.WaitAsync(order.Attempt);
        string[] variables = site.Output(order).Split('\n');
        Assert.Contains("COLOR=blue", variables);
        Assert.Contains("DROVER_ATTEMPT=1.1", variables);
        Assert.Contains("DROVER_JOB=1", variables);
        Assert.Contains("DROVER_CPUS=3", variables);
        Assert.Contains($"DROVER_RUN_DIR={site.Run(order)}", variables);
        Assert.Contains($"PATH={Environment.GetEnvironmentVariable("PATH")}", variables);
        Assert.DoesNotContain(variables, variable => variable.Contains("secret"));
    });

    private static void Ends(Func<Site, RunOrder> order, Action<AttemptEnd> check) => Site.Run(async site =>
    {
        RunOrder run = order(site);
        ProcessDriver driver = await site.DriverAsync();
        await driver.StartAsync(run);
        check(await driver.WaitAsync(run.Attempt));
    });
}
