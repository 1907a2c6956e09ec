using System.Diagnostics;
using System.Globalization;

namespace Drover.Agent.Keeper;

/// <summary>How an attempt ended, and what proves it: from what the kernel reports and what the keeper has done.</summary>
internal static class Endings
{
    /// <summary>What was seen of an attempt's end.</summary>
    internal sealed record Seen
    {
        /// <summary>The number of its first process.</summary>
        public required int ProcessId { get; init; }

        /// <summary>How that ended; unknown when it was not the keeper's child.</summary>
        public required ProcessExit Exit { get; init; }

        /// <summary>Why the keeper ended it; null when it ended by itself.</summary>
        public StopCause? Cause { get; init; }

        /// <summary>Whether its processes were sent SIGTERM for that.</summary>
        public bool WasAsked { get; init; } = true;

        /// <summary>Whether they were sent SIGKILL.</summary>
        public bool WasKilled { get; init; }

        /// <summary>How long it ran.</summary>
        public TimeSpan Ran { get; init; }

        /// <summary>How many processes it had left behind.</summary>
        public int LeftBehind { get; init; }

        /// <summary>The numbers of those that live on although the keeper sent them SIGKILL.</summary>
        public IReadOnlyList<int> Unkilled { get; init; } = [];

        /// <summary>How many of its processes the kernel has killed for want of memory.</summary>
        public long KilledForMemory { get; init; }

        /// <summary>The memory that it was allowed; null without limit.</summary>
        public long? MemoryLimit { get; init; }
    }

    /// <summary>The ending.</summary>
    internal static Ending Of(Seen seen) => seen switch
    {
        { Cause: StopCause.Ordered(var by, var why) } => new Ending.Canceled(by, why),
        { Cause: StopCause.TimeOver(var limit) } => new Ending.TimeLimit(limit.TotalSeconds),
        { KilledForMemory: > 0, Exit: not ProcessExit.Exited { Code: 0 } } => new Ending.OutOfMemory(seen.MemoryLimit),
        { Exit: ProcessExit.Exited exited } => new Ending.Exited(exited.Code),
        { Exit: ProcessExit.Signaled signaled } => new Ending.Signaled(signaled.Number, signaled.Name, signaled.DumpedCore),
        { Exit: ProcessExit.Unknown } => new Ending.Lost(
            "its process is gone, and its exit code is not known because the keeper that had started it was killed"),
        _ => throw new UnreachableException(),
    };

    /// <summary>What proves it.</summary>
    internal static string Evidence(Seen seen)
    {
        var text = new List<string>(4);
        switch (seen.Cause)
        {
            case StopCause.Ordered:
                text.Add($"the keeper sent {Signals(seen)} to its processes");
                break;
            case StopCause.TimeOver(var limit):
                text.Add($"it had run {Text(seen.Ran)}, its time limit of {Text(limit)} had passed, and the keeper sent {Signals(seen)} to its processes");
                break;
        }

        text.Add(seen.Exit switch
        {
            ProcessExit.Unknown => seen.ProcessId == 0
                ? "its process was gone when the keeper looked for it"
                : $"process {Text(seen.ProcessId)} is gone, and the kernel tells its exit code only to the keeper that started it",
            _ => $"the kernel reports that process {Text(seen.ProcessId)} {seen.Exit}",
        });
        if (seen.KilledForMemory > 0)
        {
            text.Add($"the kernel killed {Text(seen.KilledForMemory)} of its processes because they needed more memory than their limit");
        }
        else if (seen is { Cause: null, Exit: ProcessExit.Signaled { Signal: UnixSignal.SIGKILL } })
        {
            text.Add("Drover did not send it; somebody did, or the kernel because the machine's memory ran out");
        }

        if (seen.LeftBehind > 0)
        {
            text.Add($"it had left {(seen.LeftBehind == 1 ? "a process" : $"{Text(seen.LeftBehind)} processes")} behind, which the keeper {(seen.Unkilled.Count == 0 ? "ended" : "asked to end")}");
        }

        if (seen.Unkilled.Count > 0)
        {
            text.Add(
                $"the keeper sent SIGKILL, and yet {(seen.Unkilled.Count == 1 ? "process" : "processes")} "
                + $"{string.Join(", ", seen.Unkilled.Select(id => Text(id)))} did not end: see its state with ps");
        }

        return string.Join("; ", text);
    }

    private static string Signals(Seen seen) => (seen.WasAsked, seen.WasKilled) switch
    {
        (true, true) => "SIGTERM and, when the grace period was over, SIGKILL",
        (false, true) => "SIGKILL",
        _ => "SIGTERM",
    };

    private static string Text(TimeSpan time) => Quantities.Duration(time);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
