using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Drover.Agent.Drivers;
using Drover.Agent.Inputs;
using Drover.Protocol.Files;
using Drover.Testing;

namespace Drover.Agent.Tests.Inputs;

/// <summary>What a server sends is laid out in the run directory, and nowhere else.</summary>
public sealed class InputLayoutTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("drover-layout-").FullName;

    private string Run => Path.Combine(_root, "17");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Files_folders_and_links_are_laid_out_again_as_often_as_asked()
    {
        InputEntry[] entries =
        [
            new() { Path = "a", Kind = InputKind.Folder },
            File("a/in.txt", "hello"),
            new() { Path = "link", Kind = InputKind.Link, Target = "a/in.txt" },
        ];
        LayOut(entries, "hello");
        LayOut(entries, "hello");
        Assert.Equal("hello", System.IO.File.ReadAllText(Path.Combine(Run, "link")));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/tmp/drover-outside")]
    public void A_path_that_leads_out_is_not_obeyed(string path)
    {
        Assert.Throws<DriverException>(() => LayOut([File(path, "evil")], "evil"));
        Assert.False(System.IO.File.Exists(Path.Combine(_root, "outside")));
    }

    [Fact]
    public void Nothing_is_written_through_a_link_that_is_there_already()
    {
        string outside = Path.Combine(_root, "outside");
        Directory.CreateDirectory(outside);
        Directory.CreateDirectory(Run);
        System.IO.File.CreateSymbolicLink(Path.Combine(Run, "a"), outside);
        System.IO.File.CreateSymbolicLink(Path.Combine(Run, "b"), Path.Combine(outside, "b"));
        LayOut([File("a/x", "hello"), File("b", "hello")], "hello", "hello");
        Assert.Empty(Directory.GetFileSystemEntries(outside));
        Assert.Equal("hello", System.IO.File.ReadAllText(Path.Combine(Run, "a", "x")));
    }

    [Fact]
    public void A_content_that_is_not_what_was_uploaded_is_refused_and_does_not_stay()
    {
        Assert.Throws<DriverException>(() => LayOut([File("in.txt", "hello")], "hullo"));
        Assert.Empty(Directory.GetFileSystemEntries(Run));
    }

    [Fact]
    public void A_file_that_does_not_fit_on_the_disk_is_told_and_leaves_its_room()
    {
        using var disk = new SmallDisk(megabytes: 2);
        string small = new('s', 100_000);
        string large = new('l', 3_000_000);
        InputEntry[] entries = [File("small", small), File("large", large)];
        DriverException full = Assert.Throws<DriverException>(() => LayOut(disk.Path, entries, small, large));
        Assert.Contains("No space left", full.Message);
        Assert.Equal([Path.Combine(disk.Path, "small")], Directory.GetFileSystemEntries(disk.Path));
        System.IO.File.WriteAllBytes(Path.Combine(disk.Path, "others"), new byte[1_000_000]);
    }

    private static InputEntry File(string path, string content) => new()
    {
        Path = path,
        Kind = InputKind.File,
        Hash = Hash(Encoding.UTF8.GetBytes(content)),
        Length = content.Length,
    };

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Sends contents under the names of what was asked for, whatever they are.</summary>
    private void LayOut(InputEntry[] entries, params string[] contents) => LayOut(Run, entries, contents);

    private static void LayOut(string folder, InputEntry[] entries, params string[] contents)
    {
        byte[] manifest = JsonSerializer.SerializeToUtf8Bytes(new InputManifest { Entries = entries }, ProtocolJson.Default.InputManifest);
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, leaveOpen: true))
        {
            Add(writer, "manifest", manifest);
            foreach ((InputEntry entry, string content) in entries.Where(e => e.Kind == InputKind.File).Zip(contents))
            {
                Add(writer, entry.Hash!, Encoding.UTF8.GetBytes(content));
            }
        }

        archive.Position = 0;
        new InputLayout(folder, Hash(manifest), CancellationToken.None).Run(archive);
    }

    private static void Add(TarWriter writer, string name, byte[] content) =>
        writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
}
