using Drover.Cli.Listing;
using Drover.Cli.Text;

namespace Drover.Cli.Tests.Text;

public sealed class ProgressTextTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 2, 3, 4, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0.25, "step 3", 30.0, "25%, about 30 s left: step 3")]
    [InlineData(0.25, null, 30.0, "25%, about 30 s left")]
    [InlineData(0.25, "step 3", null, "25% step 3")]
    [InlineData(0.25, "step 3", -1.0, "25% step 3")] // Late already: nothing is known.
    [InlineData(null, "step 3", 30.0, "step 3")]
    [InlineData(0.999, null, 100_000.0, "99%, about 1d 3h left")]
    [InlineData(0.5, "\u001b[2J", null, @"50% \x1b[2J")]
    public void How_far_a_job_is_and_how_long_it_will_take_are_said(double? fraction, string? message, double? seconds, string expected) =>
        Assert.Equal(expected, JobText.Progress(Job(fraction, message, seconds), s_now));

    [Fact]
    public void When_it_will_end_is_shown_as_a_time()
    {
        Assert.Contains("ends about   2026-01-02 03:04:30", JobDescription.Of(Job(0.25, "step 3", 30), [], s_now).Replace("UTC", "", StringComparison.Ordinal));
        Assert.DoesNotContain("ends about", JobDescription.Of(Job(0.25, "step 3", null), [], s_now));
    }

    [Fact]
    public void A_list_reads_it_from_what_the_server_says()
    {
        JobPage page = JobRows.ReadPage("""
            {"jobs":[{"id":1,"name":"a","user":"a","spec":{"site":"local"},"state":"running","submittedAt":"2026-01-02T03:00:00+00:00",
            "progress":{"fraction":0.25},"estimatedEndAt":"2026-01-02T03:04:30+00:00"}]}
            """u8.ToArray());
        Assert.Equal("25%, about 30 s left", JobText.Progress(page.Jobs[0].Job, s_now));
    }

    private static JobInfo Job(double? fraction, string? message, double? seconds) => new()
    {
        Id = new JobId(1),
        Name = "a",
        User = "a",
        Spec = new JobSpec("local") { Command = ["true"] },
        State = JobState.Running,
        SubmittedAt = s_now.AddMinutes(-1),
        Progress = new Progress { Fraction = fraction, Message = message },
        EstimatedEndAt = seconds is { } left ? s_now.AddSeconds(left) : null,
    };
}
