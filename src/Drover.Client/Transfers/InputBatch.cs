namespace Drover.Client.Transfers;

/// <summary>Inputs that have been hashed and are asked about together.</summary>
internal sealed class InputBatch
{
    /// <summary>What is no longer than this goes into packs.</summary>
    internal const long SmallBytes = 128 << 10;

    private const int MostFiles = 5_000;
    private const long MaxBytes = 16 << 20;
    private long _bytes;

    /// <summary>Their files, with the content of those that are small.</summary>
    public List<(LocalInput Input, byte[]? Content)> Files { get; } = [];

    /// <summary>Whether it is time to send it: what is packed into one request stays within what a server takes.</summary>
    public bool IsFull => Files.Count >= MostFiles || _bytes >= MaxBytes;

    public void Add(LocalInput input, byte[]? content)
    {
        Files.Add((input, content));
        _bytes += input.Facts.Length;
    }
}
