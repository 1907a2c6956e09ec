namespace Drover.Server.Supervision;

/// <summary>What a user asked for is not possible; nothing was changed.</summary>
/// <param name="code">A word for programs, as in <see cref="Problem.Code"/>.</param>
/// <param name="message">What is wrong and what to do, in a sentence.</param>
internal sealed class RequestRefusedException(string code, string message) : Exception(message)
{
    /// <summary>A word for programs.</summary>
    internal string Code { get; } = code;

    internal static RequestRefusedException NoSuchJob(JobId id) => new("notFound", $"There is no job {id}.");

    internal static RequestRefusedException Conflict(string message) => new("conflict", message);

    internal static RequestRefusedException Bad(string message) => new("badRequest", message);
}
