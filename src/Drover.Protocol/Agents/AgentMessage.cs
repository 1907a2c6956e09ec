using System.Text.Json.Serialization;
using Drover.Protocol.Jobs;

namespace Drover.Protocol.Agents;

/// <summary>What an agent says to the server. A closed choice: switch over the nested cases.</summary>
/// <remarks>
/// A WebSocket message is a JSON array of these, at most <see cref="AgentProtocol.MaxMessageBytes"/> long. After
/// connecting: <see cref="Hello"/>; the server answers with <see cref="ServerMessage.Welcome"/>; then
/// <see cref="Known"/> as often as needed, <see cref="Ready"/>, and every event that the server has not acknowledged.
/// </remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Hello), "hello")]
[JsonDerivedType(typeof(Known), "known")]
[JsonDerivedType(typeof(Ready), "ready")]
[JsonDerivedType(typeof(Started), "started")]
[JsonDerivedType(typeof(Ended), "ended")]
[JsonDerivedType(typeof(Progressed), "progressed")]
[JsonDerivedType(typeof(OpFailed), "opFailed")]
[JsonDerivedType(typeof(Purged), "purged")]
[JsonDerivedType(typeof(Idle), "idle")]
public abstract record AgentMessage
{
    private AgentMessage()
    {
    }

    /// <summary>The first message.</summary>
    public sealed record Hello : AgentMessage
    {
        /// <summary>The version of the protocol that the agent speaks.</summary>
        public required int Protocol { get; init; }

        /// <summary>The version of its program.</summary>
        public required string Version { get; init; }

        /// <summary>
        /// A random word that stays with the agent's folder: an agent with the same one has the same records, and
        /// replaces its predecessor.
        /// </summary>
        public required string Folder { get; init; }

        /// <summary>The name of its machine.</summary>
        public required string Host { get; init; }

        /// <summary>The Unix user that it runs as.</summary>
        public required string UnixUser { get; init; }

        /// <summary>Its process number.</summary>
        public required int ProcessId { get; init; }

        /// <summary>How many CPUs the site has, as far as the agent can tell.</summary>
        public required int Cpus { get; init; }

        /// <summary>How much memory the site has, in bytes.</summary>
        public required long MemoryBytes { get; init; }

        /// <summary>The kind of driver: process, container, slurm.</summary>
        public required string Driver { get; init; }

        /// <summary>Which limits it can keep: "time", "memory".</summary>
        public required IReadOnlyList<string> Limits { get; init; }
    }

    /// <summary>Attempts that the agent has records of, whatever became of them. Said before <see cref="Ready"/> only.</summary>
    /// <param name="Attempts">Some of them, at most <see cref="AgentProtocol.MaxKnownInMessage"/>.</param>
    public sealed record Known(IReadOnlyList<AttemptId> Attempts) : AgentMessage;

    /// <summary>All known attempts have been named: what was not, the agent never started.</summary>
    public sealed record Ready : AgentMessage;

    /// <summary>An attempt's process runs. Kept and sent again until acknowledged.</summary>
    /// <param name="Event">The number of the event, of this agent process's own series.</param>
    /// <param name="Attempt">Which.</param>
    /// <param name="ProcessId">Its process number at the site.</param>
    /// <param name="At">When it started.</param>
    public sealed record Started(long Event, AttemptId Attempt, int ProcessId, DateTimeOffset At) : AgentMessage;

    /// <summary>An attempt has ended, or was never started. Kept and sent again until acknowledged.</summary>
    /// <param name="Event">The number of the event, of this agent process's own series.</param>
    /// <param name="Attempt">Which.</param>
    /// <param name="End">How.</param>
    public sealed record Ended(long Event, AttemptId Attempt, AttemptEnd End) : AgentMessage;

    /// <summary>How far an attempt says it is. Not kept: the next one says it again.</summary>
    /// <param name="Attempt">Which.</param>
    /// <param name="Progress">How far; empty when the job has said nothing and there is only trouble to tell.</param>
    /// <param name="Trouble">
    /// What keeps it from ending although it was killed, in the agent's words; null when nothing does. A server that does
    /// not know it skips it.
    /// </param>
    public sealed record Progressed(AttemptId Attempt, Progress Progress, string? Trouble = null) : AgentMessage;

    /// <summary>An op cannot be done. Ops that can are answered with a stream.</summary>
    /// <param name="Op">Which.</param>
    /// <param name="IsNotFound">Whether what was asked for does not exist; otherwise it cannot be had.</param>
    /// <param name="Message">Why, in a sentence.</param>
    public sealed record OpFailed(OpId Op, bool IsNotFound, string Message) : AgentMessage;

    /// <summary>Run directories are gone. Not kept: the server asks again.</summary>
    /// <param name="RunDirectories">Their names.</param>
    public sealed record Purged(IReadOnlyList<string> RunDirectories) : AgentMessage;

    /// <summary>The agent has had nothing to do for a while and would like to end. The server answers with Leave, or not at all.</summary>
    public sealed record Idle : AgentMessage;
}
