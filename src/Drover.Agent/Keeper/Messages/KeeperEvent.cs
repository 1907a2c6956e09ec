using System.Text.Json.Serialization;
using Drover.Agent.Drivers;

namespace Drover.Agent.Keeper.Messages;

/// <summary>
/// What the keeper says to the agent: one JSON object a line. After connecting: <see cref="Hello"/>, all
/// <see cref="Known"/>, <see cref="Ready"/>. A closed choice: switch over the nested cases.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Hello), "hello")]
[JsonDerivedType(typeof(Known), "known")]
[JsonDerivedType(typeof(Ready), "ready")]
[JsonDerivedType(typeof(Started), "started")]
[JsonDerivedType(typeof(Ended), "ended")]
[JsonDerivedType(typeof(Stopping), "stopping")]
internal abstract record KeeperEvent
{
    private KeeperEvent()
    {
    }

    /// <summary>The first line.</summary>
    /// <param name="Protocol">The version of what is said here.</param>
    /// <param name="Version">The version of the keeper's program.</param>
    /// <param name="ProcessId">Its process number.</param>
    internal sealed record Hello(int Protocol, string Version, int ProcessId) : KeeperEvent
    {
        /// <summary>The version that this code speaks.</summary>
        internal const int Spoken = 1;
    }

    /// <summary>An attempt with a record; told again when something else is known of it.</summary>
    /// <param name="Record">What is known of it.</param>
    internal sealed record Known(AttemptRecord Record) : KeeperEvent;

    /// <summary>All records have been told.</summary>
    internal sealed record Ready : KeeperEvent;

    /// <summary>An attempt's process runs.</summary>
    /// <param name="Attempt">Which.</param>
    /// <param name="ProcessId">Its process number.</param>
    /// <param name="At">When it started.</param>
    internal sealed record Started(AttemptId Attempt, int ProcessId, DateTimeOffset At) : KeeperEvent;

    /// <summary>An attempt has ended, or was not started. Nothing of it runs any more.</summary>
    /// <param name="Attempt">Which.</param>
    /// <param name="End">How.</param>
    internal sealed record Ended(AttemptId Attempt, AttemptEnd End) : KeeperEvent;

    /// <summary>An order to stop is recorded.</summary>
    /// <param name="Attempt">Which.</param>
    internal sealed record Stopping(AttemptId Attempt) : KeeperEvent;
}
