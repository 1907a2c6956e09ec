using Drover.Agent.Drivers;
using Drover.Agent.Drivers.Process;
using Drover.Agent.Keeper;
using Drover.Agent.Keeper.Messages;
using Drover.Agent.Keeper.Records;
using Drover.Testing;

namespace Drover.Agent.Tests.Keeper;

public sealed class JournalTests
{
    private static readonly AttemptId s_attempt = new(new JobId(17), 1);
    private static readonly DateTimeOffset s_at = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly JournalFact.Started s_started = new(s_attempt, 4711, 99, s_at);

    [Fact]
    public void Every_fact_is_read_as_it_was_written()
    {
        using var folder = new Folder();
        JournalFact[] facts =
        [
            new JournalFact.KeeperStarted("boot", 1, 2, s_at),
            new JournalFact.Intended { Attempt = s_attempt, RunDirectory = "17", TimeLimitSeconds = 3, GraceSeconds = 4, MemoryBytes = 5 },
            s_started,
            new JournalFact.StopOrdered(s_attempt, new StopOrder("Ada", null, 10)),
            new JournalFact.Ended(s_attempt, End(new Ending.OutOfMemory(null))),
        ];
        using (Journal journal = Journal.Open(folder.Journal))
        {
            journal.Append(facts);
        }

        using Journal again = Journal.Open(folder.Journal);
        Assert.Equal(facts, again.Earlier);
    }

    [Fact]
    public void A_torn_last_line_is_cut_away_and_the_next_fact_is_whole()
    {
        using var folder = new Folder();
        using (Journal journal = Journal.Open(folder.Journal))
        {
            journal.Append(s_started);
        }

        File.AppendAllText(folder.Journal, """{"fact":"ended","attempt":"17.1","end":{"en""");
        using (Journal journal = Journal.Open(folder.Journal))
        {
            Assert.Equal([s_started], journal.Earlier);
            journal.Append(new JournalFact.Ended(s_attempt, End(new Ending.Exited(0))));
        }

        using Journal last = Journal.Open(folder.Journal);
        Assert.Equal(2, last.Earlier.Count);
        Assert.Equal(0, last.Unreadable);
    }

    [Fact]
    public void A_line_that_cannot_be_read_is_skipped_and_counted()
    {
        using var folder = new Folder();
        File.WriteAllText(folder.Journal, "{\"fact\":\"of a later version\"}\nnonsense\n");
        using Journal journal = Journal.Open(folder.Journal);
        Assert.Empty(journal.Earlier);
        Assert.Equal(2, journal.Unreadable);
    }

    [Fact]
    public void It_is_written_anew_when_what_is_forgotten_dominates()
    {
        using var folder = new Folder();
        var live = new AttemptId(new JobId(1), 1);
        using (Journal journal = Journal.Open(folder.Journal, allowedDeadBytes: 10_000))
        {
            journal.Append(new JournalFact.KeeperStarted("boot", 1, 2, s_at));
            journal.Append(s_started with { Attempt = live });
            for (int i = 2; i < 1000; i++)
            {
                var attempt = new AttemptId(new JobId(i), 1);
                journal.Append(s_started with { Attempt = attempt });
                journal.Append(new JournalFact.Forgotten([attempt]));
            }
        }

        Assert.InRange(new FileInfo(folder.Journal).Length, 1, 20_000);
        using Journal again = Journal.Open(folder.Journal);
        Assert.Contains(s_started with { Attempt = live }, again.Earlier);
        Assert.IsType<JournalFact.KeeperStarted>(again.Earlier[0]);
    }

    [Fact]
    public void After_a_restart_of_the_machine_what_ran_is_lost_and_says_why() => Site.Run(async site =>
    {
        var ended = new AttemptId(new JobId(18), 1);
        site.Files.Create();
        using (Journal journal = Journal.Open(site.Files.Journal))
        {
            journal.Append(
                new JournalFact.KeeperStarted("an earlier boot", 1, 2, s_at),
                new JournalFact.Intended { Attempt = s_attempt, RunDirectory = "17" },
                s_started with { ProcessId = Environment.ProcessId },
                new JournalFact.Ended(ended, End(new Ending.Exited(3))));
        }

        ProcessDriver driver = await site.DriverAsync();
        Dictionary<AttemptId, AttemptRecord> records = (await driver.RecoverAsync()).ToDictionary(record => record.Attempt);
        Assert.Equal("the machine restarted while it ran", Assert.IsType<Ending.Lost>(records[s_attempt].End?.Ending).Reason);
        Assert.Equal(new Ending.Exited(3), records[ended].End?.Ending);
    });

    [Fact]
    public void A_process_that_has_got_an_old_number_is_left_alone() => Site.Run(async site =>
    {
        site.Files.Create();
        using (Journal journal = Journal.Open(site.Files.Journal))
        {
            journal.Append(
                new JournalFact.KeeperStarted(BootClock.Boot, 1, 2, s_at),
                new JournalFact.Intended { Attempt = s_attempt, RunDirectory = "17" },
                s_started with { ProcessId = Environment.ProcessId });
        }

        ProcessDriver driver = await site.DriverAsync();
        await driver.StopAsync(s_attempt, new StopOrder("Ada", null, 0));
        AttemptEnd end = await driver.WaitAsync(s_attempt);
        Assert.True(end.Ending is Ending.Lost or Ending.Canceled, end.ToString());
    });

    [Fact]
    public void An_intent_without_a_start_is_looked_for_among_the_processes() => Site.Run(async site =>
    {
        RunOrder order = site.Order("sleep", "600");
        site.Files.Create();
        using (Journal journal = Journal.Open(site.Files.Journal))
        {
            journal.Append(
                new JournalFact.KeeperStarted(BootClock.Boot, 1, 2, s_at),
                new JournalFact.Intended { Attempt = order.Attempt, RunDirectory = order.RunDirectory });
        }

        int started = await Subprocess.StartDetachedAsync(new ProcessSpec("sleep", "600")
        {
            Environment = new Dictionary<string, string?> { ["DROVER_ATTEMPT"] = "1.1", ["DROVER_RUN_DIR"] = site.Run(order) },
            Output = OutputTarget.Null,
            Error = OutputTarget.Null,
        });
        ProcessDriver driver = await site.DriverAsync();
        Assert.Equal(started, (await driver.StartAsync(order)).ProcessId);
        await driver.StopAsync(order.Attempt, new StopOrder("Ada", null, 10));
        Assert.IsType<Ending.Canceled>((await driver.WaitAsync(order.Attempt)).Ending);
    });

    [Fact]
    public void An_intent_without_start_and_files_is_started() => Site.Run(async site =>
    {
        RunOrder order = site.Shell("exit 3");
        Intend(site, order);
        ProcessDriver driver = await site.DriverAsync();
        Assert.Empty(await driver.RecoverAsync());
        await driver.StartAsync(order);
        Assert.Equal(new Ending.Exited(3), (await driver.WaitAsync(order.Attempt)).Ending);
    });

    [Fact]
    public void An_intent_that_was_forgotten_and_started_again_is_not_forgotten_by_the_keeper_after() => Site.Run(async site =>
    {
        RunOrder order = site.Order("sleep", "600");
        Intend(site, order);
        await TaskGroup.RunAsync(async lives =>
        {
            using Journal journal = Journal.Open(site.Files.Journal);
            var killed = new JobKeeper(site.Files, journal, lives, site.Said.Add);
            new Recovery(killed, journal).Begin();
            lives.Start(killed.Recorder.RunAsync, "recorder");
            killed.Obey(new KeeperCommand.Start(order)); // The agent may be as fast as that.
            await Site.UntilAsync(() => killed.Recorder.IsDone && File.ReadAllText(site.Files.Journal).Contains("\"started\"", StringComparison.Ordinal));
            Assert.Equal(
                ["KeeperStarted", "Intended", "KeeperStarted", "Forgotten", "Intended", "Started"],
                ReadAll(site.Files.Journal).Select(fact => fact.GetType().Name));
            lives.Cancel("it is killed");
        });
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_to_stop_before_it_was_started_is_not_started_by_the_next_keeper(bool wasIntended) => Site.Run(async site =>
    {
        RunOrder order = site.Shell("echo ran");
        if (wasIntended)
        {
            Intend(site, order);
        }

        site.Files.Create();
        using (Journal journal = Journal.Open(site.Files.Journal))
        {
            journal.Append(new JournalFact.StopOrdered(order.Attempt, new StopOrder("Ada", "enough", 10)));
        }

        ProcessDriver driver = await site.DriverAsync();
        AttemptEnd? end = (await driver.StartAsync(order)).End;
        Assert.Equal(new Ending.Canceled("Ada", "enough"), end?.Ending);
        Assert.Equal("the order to stop it came before its program was started", end?.Evidence);
        Assert.False(Directory.Exists(site.Run(order)));
    });

    [Fact]
    public void An_intent_whose_files_are_there_is_not_started_again() => Site.Run(async site =>
    {
        RunOrder order = site.Shell("exit 3");
        Intend(site, order);
        Directory.CreateDirectory(site.Run(order));
        File.WriteAllText(AttemptFiles.Log(site.Run(order), order.Attempt, OutputKind.Error), "");
        ProcessDriver driver = await site.DriverAsync();
        Assert.IsType<Ending.Lost>((await driver.StartAsync(order)).End?.Ending);
    });

    [Fact]
    public void On_a_full_disk_nothing_is_started_and_what_runs_keeps_its_ending()
    {
        using var disk = new SmallDisk(megabytes: 1);
        Site.Run(
            async site =>
            {
                ProcessDriver driver = await site.DriverAsync();
                RunOrder running = site.Shell("while [ ! -e go ]; do sleep 0.01; done; exit 3");
                await driver.StartAsync(running);
                int keeper = site.Keeper().Id;
                disk.Fill();
                FillLastPage(site.Files.Log);

                Ending.LaunchFailed? refused = null;
                while (refused is null) // The last page of the journal has room for a few facts.
                {
                    RunOrder order = site.Shell("exit 0");
                    await driver.StartAsync(order);
                    refused = (await driver.WaitAsync(order.Attempt)).Ending as Ending.LaunchFailed;
                }

                Assert.Equal(LaunchFailure.CannotWrite, refused.Reason);
                Assert.Contains("no space left on device", refused.Message);

                File.CreateSymbolicLink(Path.Combine(site.Run(running), "go"), "/");
                Assert.Equal(new Ending.Exited(3), (await driver.WaitAsync(running.Attempt)).Ending);

                disk.MakeRoom();
                await Site.UntilAsync(() => File.ReadAllText(site.Files.Journal).Contains("\"code\":3"));
                Assert.Equal(keeper, site.Keeper().Id);
                await site.KillKeeperAsync();
                driver = await site.DriverAsync();
                Assert.Equal(new Ending.Exited(3), (await driver.WaitAsync(running.Attempt)).Ending);
            },
            Path.Combine(disk.Path, "site"));
    }

    [Fact]
    public void On_a_full_disk_a_keeper_takes_over_what_runs()
    {
        using var disk = new SmallDisk(megabytes: 1);
        Site.Run(
            async site =>
            {
                ProcessDriver driver = await site.DriverAsync();
                RunOrder running = site.Shell("while true; do sleep 0.01; done");
                await driver.StartAsync(running);
                disk.Fill();
                FillLastPage(site.Files.Log);
                FillLastPage(site.Files.Journal);
                await site.KillKeeperAsync();
                await driver.StopAsync(running.Attempt, new StopOrder("Ada", "enough", 10));
                Assert.Equal(new Ending.Canceled("Ada", "enough"), (await driver.WaitAsync(running.Attempt)).Ending);
                Assert.DoesNotContain(site.Said, line => line.Contains("cannot be started", StringComparison.Ordinal));
            },
            Path.Combine(disk.Path, "site"));
    }

    /// <summary>A file on a full disk still has room up to the end of its last page.</summary>
    private static void FillLastPage(string path)
    {
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write("\n"u8);
            }
        }
        catch (IOException)
        {
            // Full, as wanted.
        }
    }

    private static void Intend(Site site, RunOrder order)
    {
        site.Files.Create();
        using Journal journal = Journal.Open(site.Files.Journal);
        journal.Append(
            new JournalFact.KeeperStarted(BootClock.Boot, 1, 2, s_at),
            new JournalFact.Intended { Attempt = order.Attempt, RunDirectory = order.RunDirectory });
    }

    private static IReadOnlyList<JournalFact> ReadAll(string path)
    {
        using Journal journal = Journal.Open(path);
        return journal.Earlier;
    }

    private static AttemptEnd End(Ending ending) => new() { Ending = ending, At = s_at, Evidence = "seen" };

    private sealed class Folder : IDisposable
    {
        private readonly string _path = Directory.CreateTempSubdirectory("drover-journal-").FullName;

        internal string Journal => Path.Combine(_path, "journal.jsonl");

        public void Dispose() => Directory.Delete(_path, recursive: true);
    }
}
