namespace Drover.Agent.Tests;

public sealed class AgentFolderTests : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("drover-agent-").FullName;

    [Fact]
    public void The_word_of_a_folder_stays_with_it()
    {
        string path = Path.Combine(_parent, "new", "agent");
        string id;
        using (AgentFolder folder = AgentFolder.Open(path))
        {
            id = folder.Id;
            Assert.Matches("^[0-9a-f]{32}$", id);
        }

        using AgentFolder again = AgentFolder.Open(path);
        Assert.Equal(id, again.Id);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
    }

    [Fact]
    public void A_second_agent_in_a_folder_is_told_who_has_it()
    {
        using AgentFolder folder = AgentFolder.Open(_parent);
        AgentException refusal = Assert.Throws<AgentException>(() => AgentFolder.Open(_parent));
        Assert.Equal(
            $"Another agent (process {Environment.ProcessId}) has the folder {_parent}: stop it, or give this one another folder with --folder.",
            refusal.Message);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_an_error_in_words()
    {
        string file = Path.Combine(_parent, "file");
        File.WriteAllText(file, "");
        AgentException refusal = Assert.Throws<AgentException>(() => AgentFolder.Open(Path.Combine(file, "agent")));
        Assert.StartsWith($"The agent's folder {file}/agent cannot be used: ", refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_parent, recursive: true);
}
