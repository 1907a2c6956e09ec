using Drover.Client.Transfers;

namespace Drover.Client.Tests.Transfers;

/// <summary>What has come of a file is found again by a later call, and only when it is of the same state of the file.</summary>
public sealed class PartialFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("drover-partial-").FullName;

    private string Prefix => Path.Combine(_folder, ".a.csv.drover-17-");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_kept_under_a_tag_is_gone_on_with()
    {
        var part = new PartialFile(Prefix);
        using (FileStream file = part.Open(out string? none))
        {
            Assert.Null(none);
            part.Keep("3e8-a");
            file.Write("half"u8);
        }

        var next = new PartialFile(Prefix);
        using FileStream again = next.Open(out string? tag);
        Assert.Equal(("3e8-a", 4L), (tag, again.Length));
        next.Remove();
        Assert.Empty(Directory.EnumerateFiles(_folder));
    }

    [Fact]
    public void What_has_no_tag_or_nothing_in_it_begins_again()
    {
        File.WriteAllText(Prefix + "new", "of which file?");
        File.WriteAllText(Prefix + "3e8-b", "");
        using FileStream file = new PartialFile(Prefix).Open(out string? tag);
        Assert.Null(tag);
        Assert.Equal(0, file.Length);
    }

    [Fact]
    public void Of_several_the_longest_is_gone_on_with()
    {
        File.WriteAllText(Prefix + "1-1", "short");
        File.WriteAllText(Prefix + "2-2", "longer");
        using FileStream file = new PartialFile(Prefix).Open(out string? tag);
        Assert.Equal("2-2", tag);
    }

    [Theory]
    [InlineData("../../evil")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("new")]
    public void A_tag_that_is_none_of_a_server_becomes_no_name(string tag)
    {
        var part = new PartialFile(Prefix);
        using FileStream file = part.Open(out _);
        part.Keep(tag);
        Assert.Equal(Prefix + "new", part.Path);
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void Files_of_other_names_are_left_alone()
    {
        File.WriteAllText(Path.Combine(_folder, ".a.csv.drover-171-3e8-a"), "another job's");
        using FileStream file = new PartialFile(Prefix).Open(out string? tag);
        Assert.Null(tag);
    }
}
