namespace Drover.Agent.Tests;

public sealed class AgentOptionsTests
{
    private static readonly AgentOptions s_good = new() { Server = "https://drover.example.org", Folder = "/tmp/agent", Token = "secret" };

    [Fact]
    public void Good_options_have_no_mistake()
    {
        Assert.Null(s_good.FindMistake());
        Assert.False(s_good.IsLocal);
        Assert.True((s_good with { Server = "data/server.json" }).IsLocal);
    }

    [Fact]
    public void Each_mistake_is_named()
    {
        Assert.Contains("--server", (s_good with { Server = " " }).FindMistake()!, StringComparison.Ordinal);
        Assert.Contains("ftp://x", (s_good with { Server = "ftp://x" }).FindMistake()!, StringComparison.Ordinal);
        Assert.Contains("--folder", (s_good with { Folder = "" }).FindMistake()!, StringComparison.Ordinal);
        Assert.Contains("--token-file", (s_good with { Token = null }).FindMistake()!, StringComparison.Ordinal);
        Assert.Contains("idle time", (s_good with { IdleTime = TimeSpan.Zero }).FindMistake()!, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_do_not_show_the_token() => Assert.DoesNotContain("secret", s_good.ToString(), StringComparison.Ordinal);

    [Fact]
    public void The_token_is_taken_out_of_the_environment()
    {
        Environment.SetEnvironmentVariable(AgentProgram.TokenVariable, "from the environment");
        Assert.Equal("from the environment", AgentProgram.WithToken(s_good with { Token = null }).Token);
        Assert.Null(Environment.GetEnvironmentVariable(AgentProgram.TokenVariable));
        Environment.SetEnvironmentVariable(AgentProgram.TokenVariable, "from the environment");
        Assert.Equal("secret", AgentProgram.WithToken(s_good).Token);
        Assert.Null(Environment.GetEnvironmentVariable(AgentProgram.TokenVariable));
    }
}
