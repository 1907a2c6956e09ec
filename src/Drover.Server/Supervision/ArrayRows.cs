using Drover.Server.Storage;

namespace Drover.Server.Supervision;

/// <summary>Arrays as they are stored and as they are shown.</summary>
internal static class ArrayRows
{
    internal static ArrayInfo Show(this ArrayStanding standing)
    {
        (ArrayRow array, ArrayCounts counts, _) = standing;
        return new ArrayInfo
        {
            Id = array.Id,
            Name = array.Name,
            User = array.User,
            Spec = new ArraySpec { Job = array.Altered ?? array.Job, Indices = array.Indices, AtOnce = array.AtOnce },
            SubmittedAt = array.SubmittedAt,
            Count = array.Count,
            FirstJob = new JobId(array.Id.Value + 1),
            Queued = counts.Queued,
            Running = counts.Running,
            Unknown = counts.Unknown,
            Succeeded = counts.Succeeded,
            Failed = counts.Failed,
            ExitCode = standing.ExitCode,
            IsOver = standing.IsOver,
        };
    }

    /// <summary>The number of the job with an index; null when there is none.</summary>
    internal static JobId? NumberOf(JobId array, int[] indices, int index)
    {
        int position = System.Array.BinarySearch(indices, index);
        return position < 0 ? null : new JobId(array.Value + 1 + position);
    }

    /// <summary>The indices of an array that was accepted.</summary>
    internal static int[] IndicesOf(ArrayRow array) => ArrayIndices.TryParse(array.Indices, out int[]? indices, out string? fault)
        ? indices
        : throw new InvalidOperationException($"The indices of array {array.Id} cannot be read any more: {fault}");
}
