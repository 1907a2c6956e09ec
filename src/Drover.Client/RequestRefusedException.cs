namespace Drover.Client;

/// <summary>The server understood who asks, and refused. The message is its own sentence.</summary>
public sealed class RequestRefusedException : DroverException
{
    internal RequestRefusedException(int status, Problem problem)
        : base(problem.Detail ?? problem.Title ?? $"The server answered with status {status}.", inner: null)
    {
        Status = status;
        Code = problem.Code;
        Problem = problem;
    }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>
    /// The server's word for it: <c>badRequest</c>, <c>forbidden</c>, <c>notFound</c>, <c>tooLarge</c>, <c>inputsMissing</c>,
    /// <c>diskFull</c>, <c>quotaExceeded</c>, <c>readOnly</c>, <c>agentAway</c>, <c>stopping</c>; null when it gave none.
    /// </summary>
    public string? Code { get; }

    /// <summary>The whole answer.</summary>
    public Problem Problem { get; }
}
