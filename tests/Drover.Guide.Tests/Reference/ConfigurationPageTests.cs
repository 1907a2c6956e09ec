using System.Text.RegularExpressions;

namespace Drover.Guide.Tests.Reference;

/// <summary>The reference of the configuration is what the code says.</summary>
public sealed class ConfigurationPageTests
{
    private const string Regenerate = "DROVER_WRITE_DOCUMENTS";
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture;

    private static readonly Regex s_asked = new(@"[a-zA-Z>]\((section, )?\s*""(?<key>[a-z][A-Za-z]*)""", Options);
    private static readonly Regex s_variable = new(@"""(?<name>DROVER_[A-Z_]+)""", Options);

    [Fact]
    public void The_reference_is_made_from_the_options()
    {
        string file = Repository.PathOf(ConfigurationPage.Path);
        string page = ConfigurationPage.Make();
        if (Environment.GetEnvironmentVariable(Regenerate) == "1")
        {
            File.WriteAllText(file, page);
        }

        Assert.True(
            File.Exists(file) && File.ReadAllText(file) == page,
            $"{ConfigurationPage.Path} is not what the options say. Make it anew: {Regenerate}=1 dotnet test --project tests/Drover.Guide.Tests --filter-class '*ConfigurationPageTests'");
    }

    [Fact]
    public void Every_key_that_is_read_is_the_key_of_an_option()
    {
        string[] asked = [.. s_asked.Matches(File.ReadAllText(Repository.PathOf("src/Drover.Server/Configuration/ConfigurationFile.cs")))
            .Select(match => match.Groups["key"].Value).Distinct().Order()];
        Assert.True(asked.Length >= 13, $"Only these were found: {string.Join(", ", asked)}");
        Assert.Equal(asked, ConfigurationPage.Keys.SelectMany(row => row.Key.Replace("[]", "").Split('.')).Distinct().Order());
    }

    [Fact]
    public void Every_variable_of_Drover_is_in_the_reference() => Assert.Equal(
        Repository.FilesBelow("src", "*.cs")
            .SelectMany(file => s_variable.Matches(File.ReadAllText(Repository.PathOf(file))))
            .Select(match => match.Groups["name"].Value)
            .Distinct()
            .Order(),
        EnvironmentVariable.All.Select(variable => variable.Name).Where(name => name.StartsWith("DROVER_", StringComparison.Ordinal)).Order());
}
