namespace Drover.Coroutines.Tests;

/// <summary>Durations that read as words.</summary>
internal static class Times
{
    internal static TimeSpan Milliseconds(double count) => TimeSpan.FromMilliseconds(count);

    internal static TimeSpan Seconds(double count) => TimeSpan.FromSeconds(count);

    internal static TimeSpan Hours(double count) => TimeSpan.FromHours(count);
}
