using Drover.Cli.Text;

namespace Drover.Cli.Tests.Text;

public sealed class TransferReportTests
{
    private static readonly TransferProgress s_half = new(512 << 20, 1L << 30, 3, 7, 50 << 20, TimeSpan.FromSeconds(10.2));

    [Theory]
    [InlineData(120, "getting [###############...............] 50% 512 MiB of 1 GiB · 11 s left · 50 MiB/s · 3 of 7 files")]
    [InlineData(78, "getting [####....] 50% 512 MiB of 1 GiB · 11 s left · 50 MiB/s · 3 of 7 files")]
    [InlineData(41, "getting 50% 512 MiB of 1 GiB · 11 s left")]
    public void A_line_has_as_much_as_there_is_room_for(int width, string line)
    {
        Assert.Equal(line, TransferReport.Line("getting", s_half, width));
        Assert.InRange(line.Length, 1, width - 1); // Terminals wrap when the last column is written.
    }

    [Fact]
    public void What_is_not_known_is_not_said() => Assert.Equal(
        "getting 512 MiB · 3 files", TransferReport.Line("getting", s_half with { TotalBytes = null, TotalFiles = null, BytesPerSecond = 0, Remaining = null }, 80));
}
