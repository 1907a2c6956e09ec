namespace Drover.Server.Supervision;

/// <summary>What a user asked for is not possible; nothing was changed.</summary>
/// <param name="code">A word for programs, as in <see cref="Problem.Code"/>.</param>
/// <param name="message">What is wrong and what to do, in a sentence.</param>
internal sealed class RequestRefusedException(string code, string message) : Exception(message)
{
    /// <summary>A word for programs.</summary>
    internal string Code { get; } = code;

    internal static RequestRefusedException NoSuchJob(JobRef job) => new("notFound", $"There is no job {job}.");

    internal static RequestRefusedException NoSuchArray(JobId id) => new("notFound", $"There is no array {id}.");

    internal static RequestRefusedException IsArray(ArrayInfo array) => new(
        "isArray", $"{array.Id} is an array of {array.Count} jobs: name one of them, such as {array.Id}_{(ArrayIndices.TryParse(array.Spec.Indices, out int[]? indices, out _) ? indices[0] : 0)}, or ask for the array.");

    internal static RequestRefusedException Conflict(string message) => new("conflict", message);

    internal static RequestRefusedException InputsMissing(string message) => new("inputsMissing", message);

    internal static RequestRefusedException Bad(string message) => new("badRequest", message);
}
