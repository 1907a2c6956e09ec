namespace Drover.Cli.Tests;

/// <summary>A clock that stands still, so that ages and durations can be compared; timers run as ever.</summary>
internal sealed class StoppedTime(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}
