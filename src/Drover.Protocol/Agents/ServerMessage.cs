using System.Text.Json.Serialization;
using Drover.Protocol.Files;
using Drover.Protocol.Jobs;

namespace Drover.Protocol.Agents;

/// <summary>What the server says to an agent. A closed choice: switch over the nested cases.</summary>
/// <remarks>A WebSocket message is a JSON array of these, at most <see cref="AgentProtocol.MaxMessageBytes"/> long.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Welcome), "welcome")]
[JsonDerivedType(typeof(Refused), "refused")]
[JsonDerivedType(typeof(Leave), "leave")]
[JsonDerivedType(typeof(Acknowledged), "acknowledged")]
[JsonDerivedType(typeof(Run), "run")]
[JsonDerivedType(typeof(Stop), "stop")]
[JsonDerivedType(typeof(ReadLog), "readLog")]
[JsonDerivedType(typeof(ListFiles), "listFiles")]
[JsonDerivedType(typeof(ReadFile), "readFile")]
[JsonDerivedType(typeof(ReadArchive), "readArchive")]
[JsonDerivedType(typeof(Exec), "exec")]
[JsonDerivedType(typeof(Purge), "purge")]
[JsonDerivedType(typeof(EndOp), "endOp")]
public abstract record ServerMessage
{
    private ServerMessage()
    {
    }

    /// <summary>The agent is accepted.</summary>
    public sealed record Welcome : ServerMessage
    {
        /// <summary>The version of the server's program.</summary>
        public required string Version { get; init; }

        /// <summary>The agent's name, for its log.</summary>
        public required string Agent { get; init; }

        /// <summary>This connection, for <see cref="AgentProtocol.ConnectionHeader"/>.</summary>
        public required string Connection { get; init; }

        /// <summary>How often both sides send a WebSocket ping, in seconds; without an answer in twice that time the connection is dead.</summary>
        public required double HeartbeatSeconds { get; init; }

        /// <summary>After how long without work the agent asks to end, in seconds; null when it stays.</summary>
        public double? IdleSeconds { get; init; }
    }

    /// <summary>The agent is not accepted, and trying again will not help until somebody has done something.</summary>
    /// <param name="Reason">What, in a sentence.</param>
    public sealed record Refused(string Reason) : ServerMessage;

    /// <summary>The agent may end: nothing was sent to it and nothing will be.</summary>
    public sealed record Leave : ServerMessage;

    /// <summary>What these events tell is on the server's disk. An attempt whose end is acknowledged can be forgotten.</summary>
    /// <param name="Events">Their numbers.</param>
    public sealed record Acknowledged(IReadOnlyList<long> Events) : ServerMessage;

    /// <summary>Start an attempt, unless there is a record of it. Answered with Started or Ended.</summary>
    /// <param name="Order">What to run.</param>
    public sealed record Run(RunOrder Order) : ServerMessage;

    /// <summary>
    /// Stop an attempt. Answered with Ended, whose ending is the true one when it had ended before. For an attempt
    /// without a record: Ended as canceled, and a Run that comes later is not obeyed.
    /// </summary>
    /// <param name="Attempt">Which.</param>
    /// <param name="Order">By whom, why, how.</param>
    public sealed record Stop(AttemptId Attempt, StopOrder Order) : ServerMessage;

    /// <summary>Post what an attempt wrote. Answered with a stream, or OpFailed.</summary>
    /// <param name="Op">The number of the op.</param>
    /// <param name="Attempt">Whose log.</param>
    /// <param name="RunDirectory">The name of its run directory.</param>
    /// <param name="Stream">Which of the two.</param>
    /// <param name="Offset">From which byte; negative counts from the end.</param>
    /// <param name="Follow">Whether to go on as the attempt writes, until it has ended.</param>
    public sealed record ReadLog(OpId Op, AttemptId Attempt, string RunDirectory, OutputKind Stream, long Offset, bool Follow)
        : ServerMessage;

    /// <summary>Post the list of what is in a run directory, as the JSON of <see cref="Files.FileList"/>.</summary>
    /// <param name="Op">The number of the op.</param>
    /// <param name="RunDirectory">The name of the run directory.</param>
    /// <param name="Path">A folder in it, with slashes; empty for all of it.</param>
    public sealed record ListFiles(OpId Op, string RunDirectory, string Path) : ServerMessage;

    /// <summary>Post the bytes of a file.</summary>
    /// <param name="Op">The number of the op.</param>
    /// <param name="RunDirectory">The name of the run directory.</param>
    /// <param name="Path">The file in it, with slashes.</param>
    /// <param name="Offset">From which byte.</param>
    /// <param name="Length">How many at most; null for all.</param>
    /// <param name="Checksum">
    /// Which checksum follows the bytes: of all of the file from its first byte to the last one that is posted, also of those
    /// before <paramref name="Offset"/>. Null for none.
    /// </param>
    public sealed record ReadFile(OpId Op, string RunDirectory, string Path, long Offset, long? Length = null, Checksum? Checksum = null)
        : ServerMessage;

    /// <summary>Post a tar archive (pax) of files of a run directory.</summary>
    /// <param name="Op">The number of the op.</param>
    /// <param name="RunDirectory">The name of the run directory.</param>
    /// <param name="Path">A folder in it, with slashes; empty for all of it. Names in the archive are relative to it.</param>
    /// <param name="Patterns">Which files, as globs of <c>*</c>, <c>?</c>, <c>[…]</c> and <c>**</c> from there; null for all.</param>
    /// <param name="Checksum">Which checksum of the archive follows it; null for none.</param>
    public sealed record ReadArchive(
        OpId Op, string RunDirectory, string Path, IReadOnlyList<string>? Patterns = null, Checksum? Checksum = null) : ServerMessage;

    /// <summary>Run a command in a run directory and post what it writes as <see cref="Jobs.ExecFrames"/>.</summary>
    /// <param name="Op">The number of the op; its end ends the command.</param>
    /// <param name="Attempt">The last attempt of the job, for the command's environment.</param>
    /// <param name="RunDirectory">The name of the run directory.</param>
    /// <param name="Spec">What to run.</param>
    /// <param name="Environment">The job's own variables.</param>
    /// <param name="Array">The job's place in an array; null when it is in none.</param>
    /// <param name="Cpus">How many CPUs are the job's own.</param>
    public sealed record Exec(
        OpId Op, AttemptId Attempt, string RunDirectory, ExecSpec Spec, IReadOnlyDictionary<string, string>? Environment = null,
        ArrayElement? Array = null, int Cpus = 1) : ServerMessage;

    /// <summary>
    /// Remove run directories, with all that is in them. Answered with Purged for each that is gone, also when it was
    /// gone before; nothing is said of one that could not be removed, and it is asked for again later.
    /// </summary>
    /// <param name="RunDirectories">Their names.</param>
    public sealed record Purge(IReadOnlyList<string> RunDirectories) : ServerMessage;

    /// <summary>Nobody waits for this op any more.</summary>
    /// <param name="Op">The number of the op.</param>
    public sealed record EndOp(OpId Op) : ServerMessage;
}
