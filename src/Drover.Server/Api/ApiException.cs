namespace Drover.Server.Api;

/// <summary>A request is answered with an error.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">A word for programs, as in <see cref="Problem.Code"/>.</param>
/// <param name="message">What is wrong and what to do, in a sentence.</param>
internal sealed class ApiException(int status, string code, string message) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    internal int Status { get; } = status;

    /// <summary>A word for programs.</summary>
    internal string Code { get; } = code;

    internal static ApiException Unauthorized(string message) => new(401, "unauthorized", message);

    internal static ApiException Forbidden(string message) => new(403, "forbidden", message);

    internal static ApiException Bad(string message) => new(400, "badRequest", message);

    internal static ApiException AgentAway(string message) => new(503, "agentAway", message);
}
