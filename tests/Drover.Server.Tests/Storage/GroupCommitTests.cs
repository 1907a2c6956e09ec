using Drover.Server.Storage;

namespace Drover.Server.Tests.Storage;

public sealed class GroupCommitTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private Store _store = null!;

    public async ValueTask InitializeAsync() => _store = await Facts.OpenWithUserAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task One_that_is_refused_does_not_fail_those_committed_with_it()
    {
        Task[] commits = [.. Enumerable.Range(0, 300).Select(i => _store.CommitAsync(Facts.Submit(i % 10 == 9 ? 1 : i + 1)))];

        await Assert.ThrowsAsync<StorageException>(() => Task.WhenAll(commits));

        Assert.Equal(
            Enumerable.Range(0, 300).Select(i => i % 10 != 9),
            commits.Select(c => c.IsCompletedSuccessfully));
        Assert.Equal(270, _store.LoadUnfinished().Count);
        Assert.Equal(270, _store.LastEventSequence);
    }

    [Fact]
    public async Task What_many_threads_give_is_all_there_in_each_ones_order()
    {
        var threads = new Thread[8];
        for (int t = 0; t < threads.Length; t++)
        {
            long first = 1 + (t * 100);
            threads[t] = new Thread(() =>
            {
                // Not awaited one by one: a move that came before its job would be refused.
                Task.WaitAll([.. Enumerable.Range(0, 50).SelectMany(i => new[]
                {
                    _store.CommitAsync(Facts.Submit(first + i)),
                    _store.CommitAsync(Facts.Dispatch(first + i)),
                    _store.CommitAsync(Facts.Start(first + i), Facts.End(first + i)),
                })]);
            });
            threads[t].Start();
        }

        Array.ForEach(threads, t => t.Join());

        IReadOnlyList<JobRow> jobs = await _store.JobsAsync(null, JobGroup.Ended, null, null, 1000);
        Assert.Equal(400, jobs.Count);
        Assert.Equal(1600, _store.LastEventSequence);
        Assert.Empty(_store.LoadUnfinished());
    }

    [Fact]
    public async Task Continuations_do_not_run_on_the_thread_that_writes()
    {
        await _store.CommitAsync(Facts.Submit(1));

        Assert.NotEqual("store writer", Thread.CurrentThread.Name);
    }

    [Fact]
    public void A_coroutine_comes_back_to_its_loop() => EventLoop.Run(async () =>
    {
        int thread = Environment.CurrentManagedThreadId;
        await _store.CommitAsync(Facts.Submit(1));
        Assert.Equal(thread, Environment.CurrentManagedThreadId);
        Assert.NotNull(await _store.JobAsync(new JobId(1)));
        Assert.Equal(thread, Environment.CurrentManagedThreadId);
    });

    [Fact]
    public async Task Closing_stores_what_was_given_before_and_refuses_the_rest()
    {
        Task[] commits = [.. Enumerable.Range(1, 200).Select(i => _store.CommitAsync(Facts.Submit(i)))];
        Task<JobRow?> read = _store.JobAsync(new JobId(1));

        await _store.DisposeAsync();
        await _store.DisposeAsync();

        await Task.WhenAll(commits);
        await read;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _store.CommitAsync(Facts.Submit(201)));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _store.JobAsync(new JobId(1)));
        Assert.Equal(["drover.db"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
        _store = Facts.Open(_folder.Path);
        Assert.Equal(200, _store.LoadUnfinished().Count);
    }

    [Fact]
    public async Task A_long_read_sees_one_moment_and_holds_up_no_commit()
    {
        await _store.CommitAsync(Facts.Submit(1));
        using var begun = new SemaphoreSlim(0);
        using var committed = new SemaphoreSlim(0);

        Task<(int Before, int After)> read = _store.ReadAsync(c =>
        {
            int before = Queries.Unfinished(c).Count;
            begun.Release();
            committed.Wait();
            return (before, Queries.Unfinished(c).Count);
        });
        await begun.WaitAsync();
        await _store.CommitAsync(Facts.Submit(2));
        Assert.NotNull(await _store.JobAsync(new JobId(2)));
        committed.Release();

        Assert.Equal((1, 1), await read);
    }

    [Fact]
    public async Task A_query_cannot_write_and_what_it_throws_is_thrown()
    {
        StorageException write = await Assert.ThrowsAsync<StorageException>(
            () => _store.ReadAsync(c => Dapper.SqlMapper.Execute(c, "DELETE FROM users")));
        await Assert.ThrowsAsync<DivideByZeroException>(() => _store.ReadAsync<int>(_ => throw new DivideByZeroException()));

        Assert.Equal(StorageFailure.ReadOnly, write.Failure);
        Assert.Single(await _store.UsersAsync());
    }
}
