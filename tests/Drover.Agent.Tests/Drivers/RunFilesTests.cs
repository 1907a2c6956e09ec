using System.Formats.Tar;
using Drover.Agent.Drivers;
using Drover.Agent.Drivers.Process;
using Drover.Agent.Keeper;
using Drover.Agent.Ops;
using Drover.Agent.Tests.Keeper;
using Drover.Protocol.Files;
using Drover.Testing;

namespace Drover.Agent.Tests.Drivers;

public sealed class RunFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("drover-files-").FullName;
    private readonly RunFiles _files;

    public RunFilesTests()
    {
        string run = Path.Combine(_folder, "run");
        Directory.CreateDirectory(Path.Combine(run, "results"));
        File.WriteAllText(Path.Combine(_folder, "secret"), "secret");
        File.WriteAllText(Path.Combine(run, "results", "planets.csv"), "mercury");
        File.WriteAllText(Path.Combine(run, ".drover-1.1.out"), "hidden");
        File.CreateSymbolicLink(Path.Combine(run, "out"), Path.Combine(_folder, "secret"));
        File.CreateSymbolicLink(Path.Combine(run, "up"), "..");
        File.CreateSymbolicLink(Path.Combine(run, "latest"), "results/planets.csv");
        _files = new RunFiles(run);
    }

    /// <summary>What an archive has in it, and at its end with an exclamation mark what it says could not be read.</summary>
    private async Task<string[]> ArchiveAsync(params string[]? patterns)
    {
        using var archive = new MemoryStream();
        await new ArchiveCopy(Unprivileged.Run(() => _files.Select("", patterns)), path => Unprivileged.Run(() => _files.Open(path))).WriteAsync(archive, CancellationToken.None);
        archive.Position = 0;
        using var reader = new TarReader(archive);
        var names = new List<string>();
        while (await reader.GetNextEntryAsync() is { } entry)
        {
            names.Add(entry is PaxGlobalExtendedAttributesTarEntry note ? "!" + Uri.UnescapeDataString(note.GlobalExtendedAttributes[ArchiveCopy.UnreadableAttribute]) : entry.Name);
        }

        return [.. names];
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_list_has_what_is_inside_and_nothing_of_drovers_own()
    {
        FileList list = _files.List("");
        Assert.Equal(["latest", "results", "results/planets.csv"], list.Entries.Select(entry => entry.Path));
        Assert.Equal([false, true, false], list.Entries.Select(entry => entry.IsDirectory));
        Assert.Equal(7, list.Entries[2].Length);
        Assert.False(list.IsTruncated);
        Assert.Equal("results/planets.csv", Assert.Single(_files.List("results").Entries).Path);
    }

    [Fact]
    public async Task A_file_that_only_now_cannot_be_opened_ends_an_archive_with_the_reason()
    {
        // A link that leads to itself is one reason of many: too many open files, a disk that fails.
        var archive = new ArchiveCopy(_files.Select("", ["results/*"]), path =>
        {
            File.Delete(Path.Combine(_folder, "run", "results", "planets.csv"));
            File.CreateSymbolicLink(Path.Combine(_folder, "run", "results", "planets.csv"), "planets.csv");
            return _files.Open(path);
        });
        DriverException e = await Assert.ThrowsAsync<DriverException>(() => archive.WriteAsync(new MemoryStream(), CancellationToken.None));
        Assert.Equal("Cannot open 'results/planets.csv': too many levels of symbolic links.", e.Message);
    }

    [Fact]
    public void What_lies_below_a_file_is_not_there()
    {
        Assert.True(Assert.Throws<DriverException>(() => _files.Open("results/planets.csv/a")).IsNotFound);
    }

    [Fact]
    public void A_time_that_NET_does_not_know_is_shown_as_the_last_that_it_does()
    {
        using var disk = new SmallDisk(megabytes: 1); // In memory, where later years are kept than on other disks.
        var files = new RunFiles(disk.Path);
        EventLoop.Run(() => Subprocess.RunAsync(new ProcessSpec("touch", "-d", "@253402300800", Path.Combine(disk.Path, "late")), p => p.WaitAsync().AsTask()));
        Assert.Equal(9999, Assert.Single(files.List("").Entries).ModifiedAt.Year);
        using FileStream late = files.Open("late");
        Assert.Equal(9999, FileTimes.WrittenAt(late.SafeFileHandle).Year);
    }

    [Fact]
    public void A_long_list_is_cut()
    {
        for (int i = 0; i < RunFiles.MaxEntries; i++)
        {
            File.WriteAllText(Path.Combine(_files.FullPath, "results", $"{i}"), "");
        }

        FileList list = _files.List("");
        Assert.Equal(RunFiles.MaxEntries, list.Entries.Count);
        Assert.True(list.IsTruncated);
    }

    [Theory]
    [InlineData("results/planets.csv")]
    [InlineData("latest")]
    public void A_file_inside_is_opened(string path)
    {
        using var reader = new StreamReader(_files.Open(path));
        Assert.Equal("mercury", reader.ReadToEnd());
    }

    [Theory]
    [InlineData("out")]
    [InlineData("up/secret")]
    [InlineData("../secret")]
    [InlineData("results/../../secret")]
    [InlineData("/etc/passwd")]
    [InlineData("results")]
    [InlineData("missing")]
    [InlineData("pipe")]
    [InlineData("results/planets.csv/more")]
    [InlineData("a\0b")]
    public void What_is_outside_or_no_file_is_not_opened(string path)
    {
        EventLoop.Run(() => Subprocess.RunAsync(new ProcessSpec("mkfifo", Path.Combine(_files.FullPath, "pipe"))));
        Assert.Throws<DriverException>(() => _files.Open(path));
    }

    [Theory]
    [InlineData("up")]
    [InlineData("..")]
    [InlineData("/")]
    [InlineData("results/planets.csv")]
    [InlineData("missing")]
    public void What_is_outside_or_no_folder_is_not_listed(string path) =>
        Assert.True(Assert.Throws<DriverException>(() => _files.List(path)).IsNotFound);

    [Fact]
    public async Task What_cannot_be_read_is_marked_and_all_else_is_in_the_archive()
    {
        File.WriteAllText(Path.Combine(_files.FullPath, "results", "closed.csv"), "moons");
        File.WriteAllText(Path.Combine(_files.FullPath, "results", "zenith.csv"), "sun");
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_files.FullPath, "vault")).FullName, "coins.csv"), "gold");
        File.SetUnixFileMode(Path.Combine(_files.FullPath, "results", "closed.csv"), UnixFileMode.None);
        File.SetUnixFileMode(Path.Combine(_files.FullPath, "vault"), UnixFileMode.None);
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);

        FileList list = Unprivileged.Run(() => _files.List(""));
        Assert.Equal(["results/closed.csv", "vault"], list.Entries.Where(entry => entry.IsUnreadable).Select(entry => entry.Path));
        Assert.False(Assert.Throws<DriverException>(() => Unprivileged.Run(() => _files.List("vault"))).IsNotFound);

        Assert.Equal(["latest", "results", "results/planets.csv", "results/zenith.csv", "!results/closed.csv", "!vault"], await ArchiveAsync(patterns: null));
        Assert.Equal(["results/planets.csv", "results/zenith.csv", "!results/closed.csv", "!vault"], await ArchiveAsync("**/*.csv"));
        Assert.Equal(["!vault"], await ArchiveAsync("vault/*"));
        Assert.Equal(["results", "results/planets.csv", "results/zenith.csv", "!results/closed.csv"], await ArchiveAsync("res*"));
    }

    [Fact]
    public void A_log_is_read_while_it_is_written_and_a_missing_one_is_told() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        RunOrder order = site.Shell("echo one; while [ ! -e go ]; do sleep 0.01; done; echo two");
        await driver.StartAsync(order);
        await site.FirstLineAsync(order);
        using var log = new StreamReader(await driver.OpenLogAsync(order.Attempt, order.RunDirectory, OutputKind.Output));
        Assert.Equal("one\n", await log.ReadToEndAsync());
        File.WriteAllText(Path.Combine(site.Run(order), "go"), "");
        await driver.WaitAsync(order.Attempt);
        Assert.Equal("two\n", await log.ReadToEndAsync());

        var other = new AttemptId(new JobId(99), 1);
        Assert.True((await Assert.ThrowsAsync<DriverException>(() => driver.OpenLogAsync(other, "1", OutputKind.Error))).IsNotFound);
        Assert.True((await Assert.ThrowsAsync<DriverException>(() => driver.ListFilesAsync("..", ""))).IsNotFound);
        Assert.Equal("go", Assert.Single((await driver.ListFilesAsync("1", "")).Entries).Path);
    });

    [Fact]
    public void Progress_is_the_last_whole_line_that_makes_sense() => Site.Run(async site =>
    {
        ProcessDriver driver = await site.DriverAsync();
        RunOrder order = site.Order("true");
        await driver.StartAsync(order);
        await driver.WaitAsync(order.Attempt);
        Assert.Null(await driver.ReadProgressAsync(order.Attempt, order.RunDirectory));

        File.WriteAllText(
            AttemptFiles.Progress(site.Run(order), order.Attempt),
            "{\"fraction\":0.1}\n{\"fraction\":0.4,\"message\":\"step 4 of 10\"}\nnonsense\n{\"fraction\":0.5");
        Assert.Equal(new Progress { Fraction = 0.4, Message = "step 4 of 10" }, await driver.ReadProgressAsync(order.Attempt, order.RunDirectory));
    });
}
