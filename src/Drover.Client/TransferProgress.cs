namespace Drover.Client;

/// <summary>How far an upload or a download is.</summary>
/// <param name="Bytes">How many bytes are there, those included that were there before.</param>
/// <param name="TotalBytes">How many there will be; null while that is not known.</param>
/// <param name="Files">How many files are there.</param>
/// <param name="TotalFiles">How many there will be; null while that is not known.</param>
/// <param name="BytesPerSecond">How fast it was in the last seconds.</param>
/// <param name="Remaining">How long the rest takes at that rate; null while that is not known.</param>
public sealed record TransferProgress(
    long Bytes, long? TotalBytes, int Files, int? TotalFiles, double BytesPerSecond, TimeSpan? Remaining)
{
    /// <summary>How much of it is done, from 0 to 1; null while that is not known.</summary>
    public double? Fraction => TotalBytes switch
    {
        null => null,
        0 => 1,
        { } total => Math.Min(1, (double)Bytes / total),
    };
}
