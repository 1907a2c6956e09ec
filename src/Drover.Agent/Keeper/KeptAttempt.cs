using Drover.Agent.Drivers;
using Drover.Agent.Keeper.Records;

namespace Drover.Agent.Keeper;

/// <summary>What the keeper knows of an attempt: what its journal says, and how to wake the coroutine that lives its life.</summary>
internal sealed class KeptAttempt(AttemptId id)
{
    /// <summary>Read by the thread that starts it.</summary>
    private volatile StopOrder? _stop;

    /// <summary>Which.</summary>
    internal AttemptId Id { get; } = id;

    /// <summary>The name of its run directory; empty when it was canceled before it came.</summary>
    internal string RunDirectory { get; private set; } = "";

    /// <summary>How long it may run; null for ever.</summary>
    internal TimeSpan? TimeLimit { get; private set; }

    /// <summary>The time between SIGTERM and SIGKILL when its time is over.</summary>
    internal TimeSpan Grace { get; private set; }

    /// <summary>How much memory it may use; null without limit.</summary>
    internal long? MemoryBytes { get; private set; }

    /// <summary>The span that it belongs to; null when nobody traces.</summary>
    internal string? TraceParent { get; private set; }

    /// <summary>The control group that limits its memory; null without. Set by the thread that starts it.</summary>
    internal MemoryGroup? MemoryGroup { get; set; }

    /// <summary>The run of the machine that it was meant for.</summary>
    internal string? Boot { get; private set; }

    /// <summary>Its first process; null before it was started.</summary>
    internal JournalFact.Started? Started { get; private set; }

    /// <summary>The order to stop it, if there was one; the first one counts, and the shortest grace.</summary>
    internal StopOrder? Stop => _stop;

    /// <summary>How it ended; null while it runs.</summary>
    internal AttemptEnd? End { get; private set; }

    /// <summary>Processes that were seen to belong to it, so that they are known when their parents are gone.</summary>
    internal HashSet<(int Id, long StartTicks)> Seen { get; } = [];

    /// <summary>The wait that an order to stop ends; on the loop's thread.</summary>
    internal CancelScope? Wait { get; set; }

    /// <summary>What keeps it from ending although it was killed; null when nothing does.</summary>
    internal string? Trouble { get; set; }

    /// <summary>What of it the agent is told.</summary>
    internal AttemptRecord Record => new()
    {
        Attempt = Id,
        RunDirectory = RunDirectory,
        ProcessId = Started?.ProcessId,
        StartedAt = Started?.At,
        TraceParent = TraceParent,
        Trouble = Trouble,
        End = End,
    };

    /// <summary>What a fact changes.</summary>
    internal void Apply(JournalFact fact, string? boot = null)
    {
        switch (fact)
        {
            case JournalFact.Intended intended:
                RunDirectory = intended.RunDirectory;
                TimeLimit = intended.TimeLimitSeconds is { } limit ? Seconds(limit) : null;
                Grace = Seconds(intended.GraceSeconds);
                MemoryBytes = intended.MemoryBytes;
                TraceParent = intended.TraceParent;
                Boot = boot;
                break;
            case JournalFact.Started started:
                Started = started;
                Seen.Add((started.ProcessId, started.StartTicks));
                break;
            case JournalFact.StopOrdered stop:
                _stop = _stop is null ? stop.Order : _stop with { GraceSeconds = Math.Min(_stop.GraceSeconds, stop.Order.GraceSeconds) };
                break;
            case JournalFact.Ended ended:
                End = ended.End;
                Seen.Clear();
                break;
        }
    }

    /// <summary>A duration from the outside, which may be any number.</summary>
    internal static TimeSpan Seconds(double seconds)
    {
        const double Longest = 1e10; // 300 years.
        return double.IsNaN(seconds) ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Clamp(seconds, 0, Longest));
    }
}
