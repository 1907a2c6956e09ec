using System.Globalization;

namespace Drover.Bench.Jobs;

/// <summary>A job that writes the time of its start into a file.</summary>
/// <remarks>
/// The shell only opens the file and turns into <c>date</c>, so that no peer's handling of output matters. Loading the
/// two programs takes somewhat more than a millisecond, which every peer's samples contain.
/// </remarks>
/// <param name="File">The file, which is not there yet.</param>
internal sealed record StartStamp(string File)
{
    private const long NanosecondsPerTick = 100;

    public string[] Command => ["/bin/sh", "-c", """exec /bin/date +%s%N >"$0" """, File];

    public DateTimeOffset Read()
    {
        var nanoseconds = long.Parse(System.IO.File.ReadAllText(File), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
        return DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / NanosecondsPerTick);
    }
}
