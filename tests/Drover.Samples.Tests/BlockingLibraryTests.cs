namespace Drover.Samples.Tests;

public sealed class BlockingLibraryTests
{
    [Fact]
    public void The_heart_beats_before_each_line_that_the_blocking_download_receives()
    {
        var output = new OutputLog();

        string[] poem = EventLoop.Run(() => BlockingLibrary.RunAsync(output));

        Assert.Equal(4, poem.Length);
        Assert.Equal("The woods are lovely, dark and deep,", poem[0]);
        int heartbeats = 0;
        int downloaded = 0;
        foreach (string line in output.Lines)
        {
            _ = line == "heartbeat" ? heartbeats++ : downloaded++;
            Assert.InRange(downloaded, 0, heartbeats);
        }
    }
}
