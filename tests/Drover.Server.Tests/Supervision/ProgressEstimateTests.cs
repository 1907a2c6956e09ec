using Drover.Server.Supervision;

namespace Drover.Server.Tests.Supervision;

public sealed class ProgressEstimateTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private readonly ProgressEstimate _estimate = new(s_start);

    [Fact]
    public void An_even_job_ends_when_it_should()
    {
        Assert.Equal(100, Report(10, 0.1));
        Assert.Equal(100, Report(20, 0.2));
        Assert.Equal(100, Report(99, 0.99)!.Value, 6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void At_the_very_beginning_and_at_the_end_nothing_is_estimated(double fraction) => Assert.Null(Report(10, fraction));

    [Fact]
    public void A_fifth_of_a_second_is_too_short_to_judge() => Assert.Null(Report(0.2, 0.1));

    [Fact]
    public void A_job_that_resumes_in_the_middle_is_judged_by_what_it_does_from_there()
    {
        Assert.Null(Report(5, 0.5));
        Assert.Equal(55, Report(15, 0.6)!.Value, 6);
    }

    [Fact]
    public void A_job_that_jumps_is_soon_judged_by_what_it_does_now()
    {
        Report(1, 0);
        Report(2, 0.8);
        foreach (int second in Enumerable.Range(3, 97))
        {
            Report(second, 0.8 + (second * 0.001));
        }

        Assert.Equal(200, Report(100, 0.9)!.Value, 6);
    }

    [Fact]
    public void A_job_that_begins_anew_is_judged_anew()
    {
        Report(50, 0.5);
        Assert.Null(Report(60, 0.1));
        Assert.Equal(150, Report(70, 0.2)!.Value, 6);
    }

    [Fact]
    public void A_message_alone_changes_nothing()
    {
        Assert.Equal(100, Report(10, 0.1));
        Assert.Equal(100, Report(20, null));
    }

    [Fact]
    public void A_job_that_hardly_moves_has_no_end_in_sight() => Assert.Null(Report(1000, 1e-300));

    [Fact]
    public void What_has_no_time_says_nothing() => Assert.Null(_estimate.Next(new Progress { Fraction = 0.5 }));

    /// <summary>Seconds from the start to the estimated end.</summary>
    private double? Report(double second, double? fraction) =>
        (_estimate.Next(new Progress { Fraction = fraction, At = s_start.AddSeconds(second) }) - s_start)?.TotalSeconds;
}
