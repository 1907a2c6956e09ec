using Drover.Agent.Drivers;

namespace Drover.Agent.Tests.Fakes;

/// <summary>An attempt at a site in memory.</summary>
internal sealed class FakeAttempt(AttemptRecord record)
{
    internal AttemptRecord Record { get; private set; } = record;

    internal TaskCompletionSource<AttemptEnd> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Progress? Progress { get; set; }

    internal void End(Ending ending) =>
        End(new AttemptEnd { Ending = ending, At = DateTimeOffset.UnixEpoch, Evidence = "The test said so." });

    internal void End(AttemptEnd end)
    {
        if (Record.End is null)
        {
            Record = Record with { End = end };
            Ended.TrySetResult(end);
        }
    }
}
