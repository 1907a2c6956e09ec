using System.Globalization;
using System.Text.Json.Serialization;

namespace Drover.Protocol.Jobs;

/// <summary>How an attempt ended. A closed choice: switch over the nested cases.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Exited), "exited")]
[JsonDerivedType(typeof(Signaled), "signaled")]
[JsonDerivedType(typeof(OutOfMemory), "outOfMemory")]
[JsonDerivedType(typeof(TimeLimit), "timeLimit")]
[JsonDerivedType(typeof(Canceled), "canceled")]
[JsonDerivedType(typeof(NodeFailed), "nodeFailed")]
[JsonDerivedType(typeof(Preempted), "preempted")]
[JsonDerivedType(typeof(LaunchFailed), "launchFailed")]
[JsonDerivedType(typeof(Lost), "lost")]
public abstract record Ending
{
    private Ending()
    {
    }

    /// <summary>Whether the job did what it should: it exited with code 0.</summary>
    [JsonIgnore]
    public bool IsSuccess => this is Exited { Code: 0 };

    /// <summary>
    /// What a shell would call it: the exit code; 128 and the signal's number; 130 canceled, 124 time limit, 137 out of
    /// memory, 126 and 127 not started, 125 lost.
    /// </summary>
    [JsonIgnore]
    public int ExitCode => this switch
    {
        Exited e => e.Code,
        Signaled e => 128 + e.Number,
        OutOfMemory => 137,
        TimeLimit => 124,
        Canceled => 130,
        LaunchFailed { Reason: LaunchFailure.NoSuchProgram } => 127,
        LaunchFailed => 126,
        _ => 125,
    };

    /// <summary>It exited by itself.</summary>
    /// <param name="Code">0 to 255.</param>
    public sealed record Exited(int Code) : Ending
    {
        /// <inheritdoc/>
        public override string ToString() => Code == 0 ? "succeeded" : Text($"exited with code {Code}");
    }

    /// <summary>A signal ended it, which Drover did not send.</summary>
    /// <param name="Number">The signal's number.</param>
    /// <param name="Name">Its name, as in signal(7): SIGSEGV.</param>
    /// <param name="DumpedCore">Whether the kernel wrote a core file.</param>
    public sealed record Signaled(int Number, string Name, bool DumpedCore = false) : Ending
    {
        /// <inheritdoc/>
        public override string ToString() => Text($"ended by signal {Number} ({Name}){(DumpedCore ? ", core dumped" : "")}");
    }

    /// <summary>The kernel ended it because it needed more memory than it was allowed.</summary>
    /// <param name="LimitBytes">The limit that it hit; null when that was the machine's memory.</param>
    public sealed record OutOfMemory(long? LimitBytes = null) : Ending
    {
        /// <inheritdoc/>
        public override string ToString() => LimitBytes is { } limit
            ? $"out of memory: it needed more than its limit of {Quantities.Bytes(limit)}"
            : "out of memory";
    }

    /// <summary>It ran longer than it was allowed.</summary>
    /// <param name="LimitSeconds">The limit.</param>
    public sealed record TimeLimit(double LimitSeconds) : Ending
    {
        /// <inheritdoc/>
        public override string ToString() => $"ended at its time limit of {Quantities.Duration(TimeSpan.FromSeconds(LimitSeconds))}";
    }

    /// <summary>Somebody canceled it.</summary>
    /// <param name="By">Who.</param>
    /// <param name="Why">The reason they gave, if any.</param>
    public sealed record Canceled(string By, string? Why = null) : Ending
    {
        /// <inheritdoc/>
        public override string ToString() => Why is null ? $"canceled by {By}" : $"canceled by {By}: {Why}";
    }

    /// <summary>The machine that it ran on failed, as its site says.</summary>
    /// <param name="Reason">The site's own words.</param>
    public sealed record NodeFailed(string Reason) : Ending
    {
        /// <inheritdoc/>
        public override string ToString() => $"node failed: {Reason}";
    }

    /// <summary>The site ended it in favour of another job.</summary>
    /// <param name="Reason">The site's own words.</param>
    public sealed record Preempted(string Reason) : Ending
    {
        /// <inheritdoc/>
        public override string ToString() => $"preempted: {Reason}";
    }

    /// <summary>Its program was never started.</summary>
    /// <param name="Reason">The kind of failure.</param>
    /// <param name="Message">What could not be started and why, in a sentence.</param>
    public sealed record LaunchFailed(LaunchFailure Reason, string Message) : Ending
    {
        /// <inheritdoc/>
        public override string ToString() => $"not started: {Message.TrimEnd('.')}";
    }

    /// <summary>It is over, but nobody saw how it ended.</summary>
    /// <param name="Reason">Why that cannot be known.</param>
    public sealed record Lost(string Reason) : Ending
    {
        /// <inheritdoc/>
        public override string ToString() => $"lost: {Reason}";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
