using Drover.Cli.Following;

namespace Drover.Cli.Tests.Following;

public sealed class ProgressReportTests
{
    private readonly Clock _clock = new();

    [Fact]
    public void On_a_terminal_one_line_is_kept_up_to_date_and_gone_at_the_end()
    {
        var output = new CommandOutput(isTerminal: true);
        var report = new ProgressReport(output.Terminal, _clock);
        report.Show(Job(0.25));
        Assert.Equal("", output.Error); // A job that ends at once says nothing.
        _clock.Now += TimeSpan.FromSeconds(10);
        report.Show(Job(0.25));
        Assert.Equal("job 1 10 s · running · 25%, about 30 s left", output.Error);
        _clock.Now += TimeSpan.FromSeconds(10);
        report.Show(Job(0.5));
        Assert.EndsWith("\r\e[Kjob 1 20 s · running · 50%, about 20 s left", output.Error, StringComparison.Ordinal);
        output.Terminal.Pass("a line\n"u8, toError: false);
        Assert.Equal("a line\n", output.Output);
        Assert.EndsWith("\r\e[Kjob 1 20 s · running · 50%, about 20 s left", output.Error, StringComparison.Ordinal);
        output.Terminal.Pass("half a"u8, toError: true);
        Assert.EndsWith("\r\e[Khalf a", output.Error, StringComparison.Ordinal); // Within a line of the job's there is no place for it.
        output.Terminal.Pass(" line\n"u8, toError: true);
        report.End();
        Assert.EndsWith("20 s left\r\e[K", output.Error, StringComparison.Ordinal);
        report.Show(Job(0.75));
        Assert.EndsWith("20 s left\r\e[K", output.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void In_a_pipe_a_change_is_a_line_but_not_often()
    {
        var output = new CommandOutput();
        var report = new ProgressReport(output.Terminal, _clock);
        _clock.Now += TimeSpan.FromSeconds(1);
        report.Show(Job(0.02));
        Assert.Equal("", output.Error);
        _clock.Now += TimeSpan.FromSeconds(1);
        report.Show(Job(0.05));
        _clock.Now += TimeSpan.FromSeconds(4);
        report.Show(Job(0.15));
        _clock.Now += TimeSpan.FromSeconds(4);
        report.Show(Job(0.25));
        report.End();
        Assert.Equal("drover: job 1: running · 5%, about 40 s left\ndrover: job 1: running · 25%, about 30 s left\n", output.Error);
    }

    private static JobInfo Job(double fraction) => new()
    {
        Id = new JobId(1),
        Name = "a",
        User = "a",
        Spec = new JobSpec("local") { Command = ["true"] },
        State = JobState.Running,
        SubmittedAt = DateTimeOffset.UnixEpoch,
        StartedAt = DateTimeOffset.UnixEpoch,
        Progress = new Progress { Fraction = fraction },
        EstimatedEndAt = DateTimeOffset.UnixEpoch.AddSeconds(40),
    };

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + Now;
    }
}
