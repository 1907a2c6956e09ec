using Dapper;
using Drover.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Drover.Server.Tests.Storage;

public sealed class OpeningTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Only_its_owner_can_read_the_database()
    {
        await using Store store = await Facts.OpenWithUserAsync(_folder.Path);

        Assert.All(Directory.GetFiles(_folder.Path), f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
    }

    [Fact]
    public async Task Each_commit_waits_for_the_disk()
    {
        await using Store store = Facts.Open(_folder.Path);

        // The connection that writes is not to be had from outside; the others are opened the same way.
        await using SqliteConnection connection = new Database(_folder["drover.db"]).OpenForWriting(TimeProvider.System);

        Assert.Equal(2, connection.ExecuteScalar<int>("PRAGMA synchronous")); // FULL
        Assert.Equal("wal", connection.ExecuteScalar<string>("PRAGMA journal_mode"));
        Assert.Equal(1, connection.ExecuteScalar<int>("PRAGMA foreign_keys"));
        Assert.Equal(Migrations.ApplicationId, connection.ExecuteScalar<int>("PRAGMA application_id"));
        Assert.Equal(Migrations.Latest, connection.ExecuteScalar<int>("PRAGMA user_version"));
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused_and_left_alone()
    {
        await Facts.Open(_folder.Path).DisposeAsync();
        Execute("PRAGMA user_version = 99");
        byte[] before = await File.ReadAllBytesAsync(_folder["drover.db"]);

        var error = Assert.Throws<StorageException>(() => Facts.Open(_folder.Path));

        Assert.Equal(StorageFailure.NewerVersion, error.Failure);
        Assert.Contains("version 99", error.Message, StringComparison.Ordinal);
        Assert.Contains($"none above {Migrations.Latest}", error.Message, StringComparison.Ordinal);
        Assert.Contains("newer Drover", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(_folder["drover.db"]));
    }

    [Fact]
    public void A_database_of_another_program_is_refused_and_left_alone()
    {
        Execute("CREATE TABLE notes (text)");
        byte[] before = File.ReadAllBytes(_folder["drover.db"]);

        var error = Assert.Throws<StorageException>(() => Facts.Open(_folder.Path));

        Assert.Equal(StorageFailure.Corrupt, error.Failure);
        Assert.Contains("not one of Drover's", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_folder["drover.db"]));
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_left_alone()
    {
        string text = string.Concat(Enumerable.Repeat("Dear diary, ", 500));
        File.WriteAllText(_folder["drover.db"], text);

        var error = Assert.Throws<StorageException>(() => Facts.Open(_folder.Path));

        Assert.Equal(StorageFailure.Corrupt, error.Failure);
        Assert.Contains("is not a database", error.Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(_folder["drover.db"]));
    }

    [Fact]
    public async Task A_damaged_database_is_told()
    {
        await using (Store store = await Facts.OpenWithUserAsync(_folder.Path))
        {
            await store.CommitAsync([.. Enumerable.Range(1, 500).Select(i => Facts.Submit(i))]);
        }

        await using (FileStream file = File.OpenWrite(_folder["drover.db"]))
        {
            file.Position = 4096 * 2;
            file.Write(Enumerable.Repeat((byte)0xAB, (int)file.Length - (4096 * 2)).ToArray());
        }

        var error = Assert.Throws<StorageException>(() =>
        {
            Store store = Facts.Open(_folder.Path);
            try
            {
                store.LoadUnfinished();
            }
            finally
            {
                store.DisposeAsync().AsTask().Wait();
            }
        });

        Assert.Equal(StorageFailure.Corrupt, error.Failure);
        Assert.Contains("backup", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_is_told()
    {
        var error = Assert.Throws<StorageException>(() => Facts.Open(_folder["nowhere"]));

        Assert.Contains(_folder["nowhere"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_only_disk_is_told()
    {
        using var disk = new SmallDisk();
        await Facts.Open(disk.Path).DisposeAsync();
        disk.MakeReadOnly();

        var error = Assert.Throws<StorageException>(() => Facts.Open(disk.Path));

        Assert.Equal(StorageFailure.ReadOnly, error.Failure);
        Assert.Contains("cannot be written", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_another_program_writes_to_is_waited_for()
    {
        await using Store store = await Facts.OpenWithUserAsync(_folder.Path);
        await using var other = new SqliteConnection($"Data Source={_folder["drover.db"]};Pooling=False");
        other.Open();
        SqliteTransaction transaction = other.BeginTransaction();

        Task commit = store.CommitAsync(Facts.Submit(1));
        await Assert.ThrowsAsync<TimeoutException>(() => commit.WaitAsync(TimeSpan.FromMilliseconds(50)));
        transaction.Rollback();

        await commit;
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_folder["drover.db"]};Pooling=False");
        connection.Open();
        connection.Execute(sql);
    }
}
