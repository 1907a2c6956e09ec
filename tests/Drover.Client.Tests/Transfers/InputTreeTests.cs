using Drover.Client.Transfers;

namespace Drover.Client.Tests.Transfers;

/// <summary>What becomes of symbolic links among inputs.</summary>
public sealed class InputTreeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("drover-tree-").FullName;

    public InputTreeTests()
    {
        Directory.CreateDirectory(PathOf("mesh"));
        Directory.CreateDirectory(PathOf("model/parts"));
        File.WriteAllText(PathOf("mesh/grid"), "grid");
        File.WriteAllText(PathOf("model/in.json"), "{}");
        File.CreateSymbolicLink(PathOf("model/parts/in.json"), "../in.json");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Links_to_places_among_the_inputs_are_kept() => Assert.Equal(
        ["model folder", "model/in.json file", "model/parts folder", "model/parts/in.json link"], Found(followLinks: false));

    [Fact]
    public void Links_that_are_followed_stand_for_what_they_lead_to_also_twice_and_outside()
    {
        File.CreateSymbolicLink(PathOf("model/mesh"), PathOf("mesh"));
        File.CreateSymbolicLink(PathOf("model/parts/mesh"), "../mesh");
        Assert.Equal(
            [
                "model folder", "model/in.json file", "model/mesh folder", "model/mesh/grid file",
                "model/parts folder", "model/parts/in.json file", "model/parts/mesh folder", "model/parts/mesh/grid file",
            ],
            Found(followLinks: true));
    }

    [Fact]
    public void A_link_that_leads_outside_is_refused_with_what_to_do()
    {
        File.CreateSymbolicLink(PathOf("model/mesh"), "../../mesh");
        InputRefusedException refused = Assert.Throws<InputRefusedException>(() => Found(followLinks: false));
        Assert.Equal(PathOf("model/mesh"), refused.Path);
        Assert.Contains("'model/mesh' leads out of the inputs", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--follow-links", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../parts")]
    [InlineData("../../mesh")] // Which leads back.
    public void A_link_that_comes_round_to_itself_is_refused_and_not_followed(string target)
    {
        File.CreateSymbolicLink(PathOf("model/parts/again"), target);
        File.CreateSymbolicLink(PathOf("mesh/back"), PathOf("model"));
        Assert.Contains("leads to a folder that it is in", Assert.Throws<InputRefusedException>(() => Found(followLinks: true)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("nowhere")] // Itself.
    public void A_link_to_nothing_cannot_be_followed(string target)
    {
        File.CreateSymbolicLink(PathOf("model/nowhere"), target);
        InputRefusedException refused = Assert.Throws<InputRefusedException>(() => Found(followLinks: true));
        Assert.Equal((PathOf("model/nowhere"), true), (refused.Path, refused.Message.Contains("leads to nothing", StringComparison.Ordinal)));
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private string[] Found(bool followLinks) =>
        [.. InputTree.Walk([new UploadSource(PathOf("model")) { FollowLinks = followLinks }], TestContext.Current.CancellationToken).Select(input => $"{input.Path} {input.Kind.ToString().ToLowerInvariant()}")];
}
