namespace Drover.Protocol.Tests;

public sealed class QuantitiesTests
{
    [Theory]
    [InlineData("90", 90)]
    [InlineData("0", 0)]
    [InlineData("1.5", 1.5)]
    [InlineData("90s", 90)]
    [InlineData("250ms", 0.25)]
    [InlineData("12 ms", 0.012)]
    [InlineData("4.2 s", 4.2)]
    [InlineData("30m", 1800)]
    [InlineData("30 min", 1800)]
    [InlineData("2h", 7200)]
    [InlineData("2H", 7200)]
    [InlineData("1.5h", 5400)]
    [InlineData("1d", 86400)]
    [InlineData("2w", 1209600)]
    [InlineData("1d 2h", 93600)]
    [InlineData("1h30m", 5400)]
    [InlineData(" 3m 20s ", 200)]
    [InlineData("01:02:03", 3723)]
    [InlineData("100:00:00", 360000)]
    [InlineData("1-02:00:00", 93600)]
    public void A_duration_is_understood(string text, double seconds)
    {
        Assert.True(Quantities.TryParseDuration(text, out TimeSpan duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("soon")]
    [InlineData("-5m")]
    [InlineData("h")]
    [InlineData("5 apples")]
    [InlineData("5m 3")]
    [InlineData("3 5m")]
    [InlineData("2h 1d")]
    [InlineData("1h 1h")]
    [InlineData("1..5h")]
    [InlineData(".")]
    [InlineData("1,5h")]
    [InlineData("1e3")]
    [InlineData("NaN")]
    [InlineData("10:30")]
    [InlineData("1-02")]
    [InlineData("01:60:00")]
    [InlineData("01:00:60")]
    [InlineData("1:2:3:4")]
    [InlineData("1-24:00:00")]
    [InlineData("1::2")]
    [InlineData("-01:00:00")]
    [InlineData("99999999999999d")]
    public void What_is_no_duration_is_refused(string? text)
    {
        Assert.False(Quantities.TryParseDuration(text, out TimeSpan duration));
        Assert.Equal(TimeSpan.Zero, duration);
    }

    [Theory]
    [InlineData(0.012)]
    [InlineData(4.2)]
    [InlineData(60)]
    [InlineData(200)]
    [InlineData(5400)]
    [InlineData(93600)]
    public void A_duration_that_was_written_is_read(double seconds)
    {
        TimeSpan duration = TimeSpan.FromSeconds(seconds);

        Assert.True(Quantities.TryParseDuration(Quantities.Duration(duration), out TimeSpan read));
        Assert.Equal(duration, read);
    }

    [Theory] // The forms of sbatch(1), --time.
    [InlineData("90", 90 * 60)]
    [InlineData("90:30", (90 * 60) + 30)]
    [InlineData("02:30:00", 9000)]
    [InlineData("2-12", 216000)]
    [InlineData("2-12:30", 217800)]
    [InlineData("2-12:30:15", 217815)]
    public void A_duration_of_Slurm_is_understood(string text, int seconds)
    {
        Assert.True(Quantities.TryParseSlurmDuration(text, out TimeSpan duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("2h")]
    [InlineData("1:60")]
    [InlineData("1-")]
    [InlineData("-1")]
    [InlineData("1-24")]
    [InlineData("1:2:3:4")]
    [InlineData("UNLIMITED")]
    public void What_is_no_duration_to_Slurm_is_refused(string? text)
    {
        Assert.False(Quantities.TryParseSlurmDuration(text, out TimeSpan duration));
        Assert.Equal(TimeSpan.Zero, duration);
    }

    [Fact]
    public void A_number_alone_is_seconds_to_Drover_and_minutes_to_Slurm()
    {
        Quantities.TryParseDuration("90", out TimeSpan drover);
        Quantities.TryParseSlurmDuration("90", out TimeSpan slurm);

        Assert.Equal((TimeSpan.FromSeconds(90), TimeSpan.FromMinutes(90)), (drover, slurm));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("4096", 4096)]
    [InlineData("512 B", 512)]
    [InlineData("4K", 4096)]
    [InlineData("512M", 512L << 20)]
    [InlineData("512MiB", 512L << 20)]
    [InlineData("512mib", 512L << 20)]
    [InlineData("4G", 4L << 30)]
    [InlineData("4GB", 4_000_000_000)]
    [InlineData("1.5 GiB", 3L << 29)]
    [InlineData("2T", 2L << 40)]
    [InlineData("1P", 1L << 50)]
    public void A_size_is_understood(string text, long bytes)
    {
        Assert.True(Quantities.TryParseBytes(text, out long read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("-1G")]
    [InlineData("4 apples")]
    [InlineData("4G 3M")]
    [InlineData("0.3")]
    [InlineData("1.00000000001K")]
    [InlineData("99999999P")]
    [InlineData("1e9")]
    public void What_is_no_size_is_refused(string? text)
    {
        Assert.False(Quantities.TryParseBytes(text, out long bytes));
        Assert.Equal(0, bytes);
    }

    [Theory]
    [InlineData(0, "0 ms")]
    [InlineData(0.012, "12 ms")]
    [InlineData(4.2, "4.2 s")]
    [InlineData(200, "3m 20s")]
    [InlineData(7200, "2h")]
    [InlineData(93600, "1d 2h")]
    [InlineData(-90, "-1m 30s")]
    public void A_duration_is_written_with_its_two_largest_units(double seconds, string text) =>
        Assert.Equal(text, Quantities.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(512, "512 B")]
    [InlineData(3L << 19, "1.5 MiB")]
    [InlineData(long.MaxValue, "8 EiB")]
    public void A_size_is_written_in_binary_units(long bytes, string text) => Assert.Equal(text, Quantities.Bytes(bytes));
}
