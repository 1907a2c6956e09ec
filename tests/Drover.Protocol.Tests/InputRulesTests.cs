namespace Drover.Protocol.Tests;

/// <summary>What may be laid out in a run directory.</summary>
public sealed class InputRulesTests
{
    [Theory]
    [InlineData("../outside")]
    [InlineData("a/../../outside")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a//b")]
    [InlineData("a/./b")]
    [InlineData("a/")]
    [InlineData("a\0b")]
    [InlineData(".drover-17.1.out")]
    public void A_path_that_leads_out_or_is_no_name_is_refused(string path) => Assert.NotNull(InputRules.PathFault(path));

    [Theory]
    [InlineData("in.json")]
    [InlineData("a/b/c")]
    [InlineData("..a/b..")]
    [InlineData("with space\nand line\u001b[2J")]
    public void Every_other_name_is_taken(string path) => Assert.Null(InputRules.PathFault(path));

    [Theory]
    [InlineData("link", "../outside")]
    [InlineData("a/link", "../../outside")]
    [InlineData("link", "/etc/passwd")]
    [InlineData("link", "a/../../outside")]
    [InlineData("link", "")]
    public void A_link_that_leads_out_is_refused(string path, string target) => Assert.NotNull(InputRules.LinkFault(path, target));

    [Theory]
    [InlineData("link", "in.json")]
    [InlineData("a/link", "../in.json")]
    public void A_link_that_stays_inside_is_kept(string path, string target) => Assert.Null(InputRules.LinkFault(path, target));

    [Fact]
    public void No_path_may_be_named_twice_or_be_below_a_file_or_a_link()
    {
        var link = new InputEntry { Path = "a", Kind = InputKind.Link, Target = "b" };
        var below = new InputEntry { Path = "a/x", Kind = InputKind.Folder };
        Assert.NotNull(InputRules.FindFault(new InputManifest { Entries = [link, link] }));
        Assert.NotNull(InputRules.FindFault(new InputManifest { Entries = [link, below] }));
        Assert.Null(InputRules.FindFault(new InputManifest { Entries = [link] }));
    }
}
