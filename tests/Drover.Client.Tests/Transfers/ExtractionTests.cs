using System.Formats.Tar;
using System.Text;
using Drover.Client.Transfers;

namespace Drover.Client.Tests.Transfers;

/// <summary>Whatever an archive says, nothing gets out of the folder.</summary>
public sealed class ExtractionTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("drover-extract-").FullName;

    private string Folder => Path.Combine(_root, "in", "here");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Files_folders_and_links_are_laid_out_with_their_modes()
    {
        Extraction done = await ExtractAsync(
            new PaxTarEntry(TarEntryType.Directory, "closed") { Mode = UnixFileMode.UserRead | UnixFileMode.UserExecute },
            File("closed/run.sh", UnixFileMode.UserRead | UnixFileMode.UserExecute),
            Link("closed/link", "run.sh"),
            File("a b\nc"));
        Assert.Equal(["closed/run.sh", "a b\nc"], done.Files);
        Assert.Equal("hello", await System.IO.File.ReadAllTextAsync(Path.Combine(Folder, "closed", "link")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserExecute, System.IO.File.GetUnixFileMode(Path.Combine(Folder, "closed/run.sh")));
    }

    [Theory]
    [InlineData("/etc/drover-hostile")]
    [InlineData("../drover-hostile")]
    [InlineData("a/../../drover-hostile")]
    [InlineData("..")]
    public async Task A_name_that_leads_out_is_refused(string name)
    {
        await Assert.ThrowsAsync<UnexpectedAnswerException>(() => ExtractAsync(File(name)));
        await Assert.ThrowsAsync<UnexpectedAnswerException>(() => ExtractAsync(new PaxTarEntry(TarEntryType.Directory, name)));
        NothingOutside();
    }

    [Theory]
    [InlineData("link", "/etc")]
    [InlineData("link", "..")]
    [InlineData("a/link", "../../outside")]
    [InlineData("a/link", "b/../../../outside")]
    public async Task A_link_that_leads_out_is_refused(string name, string target)
    {
        await Assert.ThrowsAsync<UnexpectedAnswerException>(() => ExtractAsync(Link(name, target)));
        Assert.Null(new FileInfo(Path.Combine(Folder, name)).LinkTarget);
    }

    [Fact]
    public async Task Nothing_is_written_through_a_link()
    {
        await Assert.ThrowsAsync<IOException>(() => ExtractAsync(Link("a", "b"), File("a/file"), File("b/file")));
        Assert.Equal("hello", await System.IO.File.ReadAllTextAsync(Path.Combine(Folder, "a", "file")));
        Assert.Null(new DirectoryInfo(Path.Combine(Folder, "a")).LinkTarget);
    }

    [Theory]
    [InlineData(TarEntryType.CharacterDevice)]
    [InlineData(TarEntryType.BlockDevice)]
    [InlineData(TarEntryType.Fifo)]
    [InlineData(TarEntryType.HardLink)]
    public async Task Devices_pipes_and_hard_links_are_refused(TarEntryType type)
    {
        var entry = new PaxTarEntry(type, "thing");
        if (type == TarEntryType.HardLink)
        {
            entry.LinkName = "/etc/passwd";
        }

        await Assert.ThrowsAsync<UnexpectedAnswerException>(() => ExtractAsync(entry));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Folder));
    }

    [Fact]
    public async Task What_is_no_archive_or_half_of_one_is_said_to_be_none()
    {
        Directory.CreateDirectory(Folder);
        await Assert.ThrowsAsync<UnexpectedAnswerException>(() => RunAsync(new MemoryStream(Encoding.UTF8.GetBytes(new string('x', 2000)))));
        byte[] whole = Archive(File("a"), File("b"));
        await Assert.ThrowsAsync<UnexpectedAnswerException>(() => RunAsync(new MemoryStream(whole[..1700])));
    }

    private static PaxTarEntry File(string name, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite) =>
        new(TarEntryType.RegularFile, name) { Mode = mode, DataStream = new MemoryStream("hello"u8.ToArray()) };

    private static PaxTarEntry Link(string name, string target) => new(TarEntryType.SymbolicLink, name) { LinkName = target };

    private static byte[] Archive(params TarEntry[] entries)
    {
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, leaveOpen: true))
        {
            foreach (TarEntry entry in entries)
            {
                // A line break in a name is for GNU's headers.
                writer.WriteEntry(entry.Name.Contains('\n', StringComparison.Ordinal)
                    ? new GnuTarEntry(TarEntryType.RegularFile, entry.Name) { DataStream = entry.DataStream }
                    : entry);
            }
        }

        return archive.ToArray();
    }

    private Task<Extraction> ExtractAsync(params TarEntry[] entries)
    {
        Directory.CreateDirectory(Folder);
        return RunAsync(new MemoryStream(Archive(entries)));
    }

    private async Task<Extraction> RunAsync(Stream archive)
    {
        var extraction = new Extraction(Folder, new TransferMeter(progress: null, TimeProvider.System));
        await extraction.RunAsync(archive, TestContext.Current.CancellationToken);
        return extraction;
    }

    private void NothingOutside()
    {
        Assert.Equal([Folder], Directory.EnumerateFileSystemEntries(Path.Combine(_root, "in")));
        Assert.False(Path.Exists("/etc/drover-hostile"));
    }
}
