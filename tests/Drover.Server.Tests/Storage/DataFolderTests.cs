using Drover.Server.Storage;

namespace Drover.Server.Tests.Storage;

public sealed class DataFolderTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly DataFolder _folder;

    public DataFolderTests() => _folder = new DataFolder(_temporary["a/b"]);

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Only_its_owner_can_enter_it()
    {
        using DataFolderLock taken = _folder.Lock();

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(_folder.Path));
        Assert.True(Directory.Exists(_folder.Logs));
    }

    [Fact]
    public void A_second_server_is_told_who_the_first_is()
    {
        using DataFolderLock taken = _folder.Lock();
        _folder.WriteServerFile(Server(4711));

        var error = Assert.Throws<StorageException>(_folder.Lock);

        Assert.Equal(StorageFailure.InUse, error.Failure);
        Assert.Contains("process number 4711, at http://127.0.0.1:8000", error.Message, StringComparison.Ordinal);
        Assert.NotNull(_folder.ReadServerFile());
    }

    [Fact]
    public void A_second_server_is_told_when_the_first_has_not_said_who_it_is()
    {
        using DataFolderLock taken = _folder.Lock();

        var error = Assert.Throws<StorageException>(_folder.Lock);

        Assert.Contains("another server", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lock_is_seen_by_other_processes_and_ends_with_its_own()
    {
        using var program = new OwnProgram("lock", _folder.Path);
        Assert.Equal("locked", program.ReadLine());

        var error = Assert.Throws<StorageException>(_folder.Lock);
        program.Kill();
        using DataFolderLock taken = _folder.Lock();

        Assert.Contains($"process number {program.Id}", error.Message, StringComparison.Ordinal);
        Assert.Null(_folder.ReadServerFile()); // It told of a server that is no more.
    }

    [Fact]
    public void Disposing_a_lock_lets_the_next_in()
    {
        DataFolderLock taken = _folder.Lock();
        _folder.WriteServerFile(Server(1));
        taken.Dispose();

        using DataFolderLock again = _folder.Lock();

        Assert.Null(_folder.ReadServerFile());
    }

    [Fact]
    public void Server_file_and_token_come_back_and_only_their_owner_can_read_them()
    {
        using DataFolderLock taken = _folder.Lock();
        Assert.Null(_folder.ReadToken());
        _folder.WriteServerFile(Server(1));
        _folder.WriteServerFile(Server(2));
        _folder.WriteToken("secret");

        Assert.Equal(Server(2), _folder.ReadServerFile());
        Assert.Equal("secret", _folder.ReadToken());
        Assert.All([_folder.ServerFile, _folder.TokenFile], f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
        Assert.Equal(["server.json", "server.lock", "token"], Directory.GetFiles(_folder.Path).Select(f => Path.GetFileName(f)).Order());
    }

    [Fact]
    public void A_server_file_that_cannot_be_read_is_none()
    {
        using DataFolderLock taken = _folder.Lock();
        File.WriteAllText(_folder.ServerFile, "{");

        Assert.Null(_folder.ReadServerFile());
    }

    [Fact]
    public void A_full_disk_leaves_the_token_that_was_there()
    {
        using var disk = new SmallDisk();
        var folder = new DataFolder(disk.Path);
        folder.WriteToken("first");
        disk.Fill();

        var error = Assert.Throws<StorageException>(() => folder.WriteToken("second"));

        Assert.Equal(StorageFailure.DiskFull, error.Failure);
        Assert.Equal("first", folder.ReadToken());
    }

    [Fact]
    public void A_read_only_disk_is_told()
    {
        using var disk = new SmallDisk();
        disk.MakeReadOnly();

        var inFolder = Assert.Throws<StorageException>(new DataFolder(disk.Path).Lock);
        var toMake = Assert.Throws<StorageException>(new DataFolder(Path.Combine(disk.Path, "new")).Lock);

        Assert.All([inFolder, toMake], e => Assert.Equal(StorageFailure.ReadOnly, e.Failure));
        Assert.Contains("--data", inFolder.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_its_place_is_told()
    {
        File.WriteAllText(_temporary["file"], "");

        var error = Assert.Throws<StorageException>(new DataFolder(_temporary["file"]).Lock);

        Assert.Contains(_temporary["file"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chosen_folder_wins()
    {
        Assert.Equal("/x", DataFolder.Locate("/x").Path);
        Assert.EndsWith("drover", DataFolder.Locate("").Path, StringComparison.Ordinal);
    }

    /// <summary>Takes the lock, says so, and keeps it until it is killed.</summary>
    internal static void Lock(string folder)
    {
        using DataFolderLock taken = new DataFolder(folder).Lock();
        new DataFolder(folder).WriteServerFile(Server(Environment.ProcessId));
        Console.WriteLine("locked");
        Thread.Sleep(Timeout.Infinite);
    }

    private static ServerFile Server(int processId) => new()
    {
        Url = "http://127.0.0.1:8000",
        ProcessId = processId,
        Version = "0.1.0",
        StartedAt = Facts.Noon,
    };
}
