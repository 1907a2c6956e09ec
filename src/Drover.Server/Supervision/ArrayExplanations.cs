using Drover.Server.Storage;

namespace Drover.Server.Supervision;

/// <summary>Tells how far an array is, and what can be done next. Pure.</summary>
internal static class ArrayExplanations
{
    private const int Examples = 3;

    internal static ArrayExplanation Of(ArrayInfo array, IReadOnlyList<ArrayGroup> waiting, IReadOnlyList<ArrayEndingRow> endings) => new()
    {
        Array = array,
        Summary = Summary(array),
        Waiting = waiting,
        Endings = [.. endings.Select(group => new ArrayGroup { What = group.Ending.ToString()!, Count = group.Count, Examples = group.Examples })],
        Advice = [.. Advice(array, waiting, endings)],
    };

    /// <summary>What those jobs wait for: groups, the largest first.</summary>
    internal static IReadOnlyList<ArrayGroup> Waiting(IEnumerable<LiveJob> jobs) =>
        [.. jobs
            .GroupBy(job => Kind(job.Situation), job => job.Info.Array!.Index)
            .Select(group => new ArrayGroup { What = group.Key, Count = group.Count(), Examples = [.. group.Take(Examples)] })
            .OrderByDescending(group => group.Count)];

    /// <summary>Without what differs from one job to the next: behind whom it is.</summary>
    private static string Kind(string? situation) => situation is null ? "its turn comes now"
        : situation.IndexOf(", behind job ", StringComparison.Ordinal) is var end and >= 0 ? situation[..end]
        : situation.IndexOf(", next in line", StringComparison.Ordinal) is var next and >= 0 ? situation[..next]
        : situation;

    private static string Summary(ArrayInfo array)
    {
        int ended = array.Succeeded + array.Failed;
        (int Count, string Words)[] parts =
        [
            (array.Succeeded, "succeeded"), (array.Failed, "did not succeed"), (array.Running, "run"), (array.Queued, "wait"),
            (array.Unknown, "are out of sight"),
        ];
        string all = array.IsOver ? $"It has ended: of {array.Count} jobs"
            : ended == 0 && array.Running == 0 ? $"It waits: of {array.Count} jobs"
            : $"{ended} of {array.Count} jobs have ended:";
        return $"{all} {string.Join(", ", parts.Where(part => part.Count > 0).Select(part => $"{part.Count} {part.Words}"))}.";
    }

    private static IEnumerable<string> Advice(ArrayInfo array, IReadOnlyList<ArrayGroup> waiting, IReadOnlyList<ArrayEndingRow> endings)
    {
        if (waiting.Count > 0)
        {
            yield return $"drover explain {array.Id}_{waiting[0].Examples[0]} tells more of what a job waits for";
        }

        foreach (ArrayEndingRow group in endings.Where(group => !group.Ending.IsSuccess).Take(Examples))
        {
            yield return $"drover explain {array.Id}_{group.Examples[0]} tells more of one that {Became(group.Ending)}";
        }

        if (!array.IsOver)
        {
            yield return $"drover cancel {array.Id} ends all that have not ended";
        }
    }

    private static string Became(Ending ending) => ending is Ending.Exited or Ending.Signaled or Ending.TimeLimit ? ending.ToString()!
        : ending is Ending.OutOfMemory ? "ran out of memory"
        : $"was {ending.ToString()!.Split(':')[0]}";
}
