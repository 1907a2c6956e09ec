namespace Drover.Guide.Tests;

/// <summary>What the documents show is code that was compiled and output that came.</summary>
public sealed class DocumentTests
{
    private static readonly string[] s_documents =
    [
        "README.md",
        .. Repository.FilesBelow("docs/guide", "*.md"),
        .. Repository.FilesBelow("src", "README.md"),
    ];

    public static TheoryData<string> Examples => [.. Example.Names];

    private static IEnumerable<Block> Blocks => s_documents.SelectMany(Block.In);

    [Fact]
    public void Every_block_of_code_in_the_documents_is_a_region_of_this_project()
    {
        Assert.All(Blocks.Where(block => block.Language == "csharp"), block =>
        {
            Region? region = Region.All.SingleOrDefault(each => each.Name == block.Name);
            Assert.True(region is not null, $"{block} names no region of tests/Drover.Guide.Tests/Examples.");
            Assert.True(region.Text == WithoutUsing(block.Text), $"{block} is not the region '{block.Name}', which is\n{region.Text}");
        });
    }

    [Fact]
    public void Every_region_is_shown_and_can_be_run()
    {
        string[] regions = [.. Region.All.Select(region => region.Name).Order()];
        Assert.Equal(regions, Blocks.Where(block => block.Language == "csharp").Select(block => block.Name).Order());
        Assert.Equal(regions, Example.Names.Concat(Example.CompiledOnly).Order());
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_prints_what_the_document_shows(string name)
    {
        Block shown = Blocks.Single(block => block.Language == "text" && block.Name == name);
        Assert.Equal(Example.Lasting(shown.Text), Example.Lasting(Example.Run(name)));
    }

    /// <summary>In a file of its own a program needs it; in this project it holds for every file.</summary>
    private static string WithoutUsing(string code)
    {
        const string Using = "using Drover.Coroutines;\n\n";
        return code.StartsWith(Using, StringComparison.Ordinal) ? code[Using.Length..] : code;
    }
}
