using System.Formats.Tar;
using Drover.Client.Transfers;

namespace Drover.Client.Tests.Transfers;

/// <summary>Archives that an honest agent would not send.</summary>
public sealed class HostileArchiveTests : IDisposable
{
    private readonly string _outside = Directory.CreateTempSubdirectory("drover-hostile-").FullName;
    private readonly string _folder;

    public HostileArchiveTests() => _folder = Directory.CreateDirectory(Path.Combine(_outside, "results")).FullName;

    public void Dispose() => Directory.Delete(_outside, recursive: true);

    [Theory]
    [InlineData("../escaped")]
    [InlineData("a/../../escaped")]
    [InlineData("/tmp/escaped")]
    [InlineData(".drover-x/../../escaped")]
    [InlineData(".drover-x")]
    public async Task A_file_that_would_lie_outside_or_pose_as_Drovers_own_is_refused(string name)
    {
        await Assert.ThrowsAsync<UnexpectedAnswerException>(() => ExtractAsync(File(name)));
        Assert.Equal([_folder], Directory.GetFileSystemEntries(_outside));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData("link", "/etc")]
    [InlineData("link", "..")]
    [InlineData("a/link", "../../outside")]
    public async Task A_link_that_leads_outside_is_refused(string name, string target) => await Assert.ThrowsAsync<UnexpectedAnswerException>(
        () => ExtractAsync(new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target }));

    [Fact]
    public async Task Nothing_is_written_through_a_link()
    {
        string other = Directory.CreateDirectory(Path.Combine(_folder, "other")).FullName;
        await Assert.ThrowsAnyAsync<Exception>(() => ExtractAsync(
            new PaxTarEntry(TarEntryType.SymbolicLink, "link") { LinkName = "other" }, File("link/file")));
        Assert.Empty(Directory.GetFileSystemEntries(other));
    }

    [Theory]
    [InlineData(TarEntryType.HardLink)]
    [InlineData(TarEntryType.Fifo)]
    [InlineData(TarEntryType.CharacterDevice)]
    public async Task What_is_neither_file_nor_folder_nor_symbolic_link_is_refused(TarEntryType type)
    {
        var entry = new PaxTarEntry(type, "x");
        if (type == TarEntryType.HardLink)
        {
            entry.LinkName = "/etc/passwd";
        }

        await Assert.ThrowsAsync<UnexpectedAnswerException>(() => ExtractAsync(entry));
    }

    [Fact]
    public async Task Rights_to_run_as_another_are_left_out()
    {
        const UnixFileMode Plain = UnixFileMode.UserRead | UnixFileMode.UserExecute;
        await ExtractAsync(File("program", Plain | UnixFileMode.SetUser | UnixFileMode.SetGroup | UnixFileMode.StickyBit));
        Assert.Equal(Plain, System.IO.File.GetUnixFileMode(Path.Combine(_folder, "program")));
    }

    private static PaxTarEntry File(string name, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite) =>
        new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream("content"u8.ToArray()), Mode = mode };

    private async Task ExtractAsync(params TarEntry[] entries)
    {
        using var archive = new MemoryStream();
        await using (var writer = new TarWriter(archive, leaveOpen: true))
        {
            foreach (TarEntry entry in entries)
            {
                await writer.WriteEntryAsync(entry);
            }
        }

        archive.Position = 0;
        await new Extraction(_folder, new TransferMeter(null, TimeProvider.System)).RunAsync(archive, CancellationToken.None);
    }
}
