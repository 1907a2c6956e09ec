namespace Drover.Client;

/// <summary>How files are fetched.</summary>
public sealed record DownloadOptions
{
    /// <summary>Whether what is at the destination is replaced. Default: no, it is an error.</summary>
    public bool Replace { get; init; }
}
