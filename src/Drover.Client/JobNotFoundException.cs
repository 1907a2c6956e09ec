namespace Drover.Client;

/// <summary>There is no such job, or it is another user's.</summary>
public sealed class JobNotFoundException : DroverException
{
    internal JobNotFoundException(JobId job, string? message)
        : base(message ?? $"There is no job {job}.", inner: null) => Job = job;

    /// <summary>The number that was asked for.</summary>
    public JobId Job { get; }
}
