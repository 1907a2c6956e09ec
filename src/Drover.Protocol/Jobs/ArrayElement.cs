namespace Drover.Protocol.Jobs;

/// <summary>A job's place in an array. Its process finds it in DROVER_ARRAY_ID and DROVER_ARRAY_INDEX.</summary>
/// <param name="Array">The number of the array.</param>
/// <param name="Index">The job's index in it, from 0.</param>
public sealed record ArrayElement(JobId Array, int Index);
