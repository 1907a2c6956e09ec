namespace Drover.Client;

/// <summary>There is no such job or array, or it is another user's.</summary>
public sealed class JobNotFoundException : DroverException
{
    internal JobNotFoundException(JobId job, string? message)
        : base(message ?? $"There is no job {job}.", inner: null) => Job = job;

    internal JobNotFoundException(JobId job, RequestRefusedException refusal)
        : this(job, refusal.Message) => IsArray = refusal.Code == "isArray";

    /// <summary>The number that was asked for.</summary>
    public JobId Job { get; }

    /// <summary>Whether it is the number of an array, and not of a job: <see cref="DroverClient.Array"/> is for these.</summary>
    public bool IsArray { get; }
}
