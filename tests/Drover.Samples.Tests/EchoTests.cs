namespace Drover.Samples.Tests;

public sealed class EchoTests
{
    [Fact(Timeout = 120_000)]
    public async Task Ten_thousand_connections_are_open_at_once_and_closed_in_the_end()
    {
        await using SampleProcess echo = SampleProcess.Start("echo");

        int exitCode = await echo.EndAsync();

        Assert.Equal(
            [
                "clients: all 10000 were answered twice, the second time while all were connected",
                "server: 10000 connections were open at once, 20000 messages were echoed, 0 connections are left",
            ],
            echo.Output.Lines);
        Assert.Equal(0, exitCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task Clients_that_find_no_server_fail_with_an_error_that_says_so()
    {
        using var closed = RollCall.Bind(port: 0);
        await using SampleProcess clients = SampleProcess.Start("echo-client", $"{RollCall.EndPoint(closed).Port}", "10");

        int exitCode = await clients.EndAsync();

        Assert.NotEqual(0, exitCode);
        Assert.Contains("Connection refused", clients.Errors.Text, StringComparison.Ordinal);
    }
}
