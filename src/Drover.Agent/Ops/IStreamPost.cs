namespace Drover.Agent.Ops;

/// <summary>Takes what ops asked for to the server, each as a stream of its own.</summary>
internal interface IStreamPost : IDisposable
{
    /// <summary>Posts what <paramref name="write"/> writes. The server's refusal ends it without an error.</summary>
    /// <param name="op">For which op.</param>
    /// <param name="mediaType">What it is.</param>
    /// <param name="place">Headers that say which part of what file it is.</param>
    /// <param name="write">Writes the body, on the loop. When it fails, the server gets a broken request.</param>
    /// <param name="length">How long the body will be, exactly; null when that is not known.</param>
    /// <returns>Why it was not taken; null when it was.</returns>
    Task<Refusal?> SendAsync(
        OpId op, string mediaType, IReadOnlyList<(string Header, long Value)> place, Func<Stream, Task> write, long? length = null);
}
