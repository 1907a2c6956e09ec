using System.Globalization;
using Dapper;
using Drover.Server.Storage;

namespace Drover.Server.Tests.Storage;

public sealed class DurabilityTests
{
    [Fact]
    public async Task What_was_committed_survives_kill_9()
    {
        using var folder = new TemporaryFolder();
        long told;
        using (var program = new OwnProgram("commit", folder.Path))
        {
            long seen = 0;
            while (seen < 300)
            {
                seen = Number(program.ReadLine());
            }

            string[] rest = program.Kill();
            told = rest.Length == 0 ? seen : Number(rest[^1]);
        }

        await using Store store = Facts.Open(folder.Path);

        // Four run at once: besides those that were told, at most four more may have reached the disk.
        Assert.InRange(store.LastJobId.Value, told, told + 4);
        IReadOnlyList<JobRow> jobs = await store.JobsAsync(null, JobGroup.All, null, null, int.MaxValue);
        Assert.All(jobs, j => Assert.Equal(JobState.Starting, j.State));
        Assert.Equal(Enumerable.Range(1, jobs.Count).Reverse(), jobs.Select(j => (int)j.Id.Value));
        Assert.Equal(2 * jobs.Count, store.LastEventSequence);
        Assert.Equal("ok", await store.ReadAsync(c => c.ExecuteScalar<string>("PRAGMA integrity_check")));
    }

    [Fact]
    public async Task A_full_disk_refuses_what_is_new_loses_nothing_and_goes_on_when_there_is_room()
    {
        using var disk = new SmallDisk();
        await using (Store store = await Facts.OpenWithUserAsync(disk.Path))
        {
            await store.CommitAsync(Facts.Submit(1));
            disk.Fill();

            // What room the log has left from before is used up at some point.
            long id = 1;
            StorageException? full = null;
            while (full is null && id < 10_000)
            {
                full = (StorageException?)await Record.ExceptionAsync(() => store.CommitAsync(Facts.Submit(id + 1), Facts.Dispatch(id + 1)));
                id += full is null ? 1 : 0;
            }

            Assert.Equal(StorageFailure.DiskFull, full?.Failure);
            Assert.Contains("Make room", full!.Message, StringComparison.Ordinal);
            Task[] more = [.. Enumerable.Range(1, 20).Select(i => store.CommitAsync(Facts.Submit(id + i)))];
            foreach (Task refused in more)
            {
                Assert.Equal(StorageFailure.DiskFull, (await Assert.ThrowsAsync<StorageException>(() => refused)).Failure);
            }

            Assert.Equal(id, (await store.JobsAsync(null, JobGroup.All, null, null, 1))[0].Id.Value);

            disk.MakeRoom();
            await store.CommitAsync(Facts.Submit(id + 1));
            Assert.Equal(id + 1, (await store.JobsAsync(null, JobGroup.All, null, null, 1))[0].Id.Value);
        }

        await using Store again = Facts.Open(disk.Path);
        Assert.Equal(again.LastJobId.Value, again.LoadUnfinished().Count);
        Assert.Equal("ok", await again.ReadAsync(c => c.ExecuteScalar<string>("PRAGMA integrity_check")));
    }

    [Fact]
    public void A_full_disk_is_told_when_the_store_is_opened()
    {
        using var disk = new SmallDisk();
        disk.Fill();

        var full = Assert.Throws<StorageException>(() => Facts.Open(disk.Path));

        Assert.Equal(StorageFailure.DiskFull, full.Failure);
        disk.MakeRoom();
        Facts.Open(disk.Path).DisposeAsync().AsTask().Wait();
    }

    [Fact]
    public async Task Many_commits_do_not_let_the_log_grow_without_end()
    {
        using var folder = new TemporaryFolder();
        await using Store store = await Facts.OpenWithUserAsync(folder.Path);
        string large = new('x', 40_000);
        for (int i = 0; i < 100; i++)
        {
            Change.JobSubmitted job = Facts.Submit(i + 1);
            await Task.WhenAll(Enumerable.Range(0, 25).Select(n => store.CommitAsync(
                Facts.Submit((i * 25) + n + 1) with { Event = job.Event with { Evidence = large } })));
        }

        Assert.InRange(new FileInfo(folder["drover.db-wal"]).Length, 1, 80 << 20); // Of 100 MiB.
    }

    /// <summary>Tells the number of each job when it is on disk, until it is killed.</summary>
    internal static void Commit(string folder)
    {
        // It runs in the module's initializer, and no other thread runs code of this module until that returns. Hence the
        // arrays: the compiler would make lists of a type of its own, in this module.
        Store store = Facts.Open(folder);
        store.CommitAsync((Change[])[Facts.Ada]).Wait();
        for (long next = 1; ; next += 4)
        {
            Task.WaitAll([.. Enumerable.Range(0, 4).Select(i => store.CommitAsync((Change[])[Facts.Submit(next + i), Facts.Dispatch(next + i)]))]);
            Console.WriteLine(next + 3);
        }
    }

    private static long Number(string line) => long.Parse(line, CultureInfo.InvariantCulture);
}
