namespace Drover.Client;

/// <summary>The job exists; the file, folder or log that was asked for does not.</summary>
public sealed class FileNotInJobException : DroverException
{
    internal FileNotInJobException(JobId job, string what, string? message)
        : base(message ?? $"Job {job} has no {what}.", inner: null) => Job = job;

    /// <summary>The job.</summary>
    public JobId Job { get; }
}
