using System.Text.Json.Serialization;

namespace Drover.Agent.Keeper.Records;

/// <summary>One line of the journal: something that has happened, or is about to. A closed choice.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "fact")]
[JsonDerivedType(typeof(KeeperStarted), "keeper")]
[JsonDerivedType(typeof(Intended), "intended")]
[JsonDerivedType(typeof(Started), "started")]
[JsonDerivedType(typeof(StopOrdered), "stop")]
[JsonDerivedType(typeof(Ended), "ended")]
[JsonDerivedType(typeof(Forgotten), "forgotten")]
internal abstract record JournalFact
{
    private JournalFact()
    {
    }

    /// <summary>The attempt that it is about; null when it is about the keeper, or several.</summary>
    [JsonIgnore]
    internal AttemptId? Subject => this switch
    {
        Intended intended => intended.Attempt,
        Started started => started.Attempt,
        StopOrdered stop => stop.Attempt,
        Ended ended => ended.Attempt,
        _ => null,
    };

    /// <summary>What follows was written by this keeper, since the machine was started.</summary>
    /// <param name="Boot">The kernel's word for this run of the machine.</param>
    /// <param name="ProcessId">The keeper's process number.</param>
    /// <param name="StartTicks">When that process started, in clock ticks after the machine did.</param>
    /// <param name="At">When.</param>
    internal sealed record KeeperStarted(string Boot, int ProcessId, long StartTicks, DateTimeOffset At) : JournalFact;

    /// <summary>An attempt is about to be started.</summary>
    internal sealed record Intended : JournalFact
    {
        /// <summary>Which.</summary>
        public required AttemptId Attempt { get; init; }

        /// <summary>The name of its run directory.</summary>
        public required string RunDirectory { get; init; }

        /// <summary>How long it may run, in seconds; null for ever.</summary>
        public double? TimeLimitSeconds { get; init; }

        /// <summary>Seconds between SIGTERM and SIGKILL when its time is over.</summary>
        public double GraceSeconds { get; init; }

        /// <summary>How much memory it may use; null without limit.</summary>
        public long? MemoryBytes { get; init; }

        /// <summary>The span that it belongs to; null when nobody traces.</summary>
        public string? TraceParent { get; init; }
    }

    /// <summary>Its process runs.</summary>
    /// <param name="Attempt">Which.</param>
    /// <param name="ProcessId">Its process number.</param>
    /// <param name="StartTicks">When it started, in clock ticks after the machine did.</param>
    /// <param name="At">When.</param>
    internal sealed record Started(AttemptId Attempt, int ProcessId, long StartTicks, DateTimeOffset At) : JournalFact;

    /// <summary>It is to stop.</summary>
    /// <param name="Attempt">Which.</param>
    /// <param name="Order">By whom, why, how.</param>
    internal sealed record StopOrdered(AttemptId Attempt, StopOrder Order) : JournalFact;

    /// <summary>It has ended, or was not started.</summary>
    /// <param name="Attempt">Which.</param>
    /// <param name="End">How.</param>
    internal sealed record Ended(AttemptId Attempt, AttemptEnd End) : JournalFact;

    /// <summary>Nobody needs the records of these any more.</summary>
    /// <param name="Attempts">Which.</param>
    internal sealed record Forgotten(IReadOnlyList<AttemptId> Attempts) : JournalFact;
}
