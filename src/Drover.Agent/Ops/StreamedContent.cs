using System.Net;
using System.Net.Http.Headers;

namespace Drover.Agent.Ops;

/// <summary>
/// The body of a request that is written as it comes: whoever writes gets the stream itself, and its back-pressure.
/// </summary>
internal sealed class StreamedContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> _body = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly long? _length;

    /// <param name="mediaType">What it is.</param>
    /// <param name="length">How long it will be; null when that is not known.</param>
    internal StreamedContent(string mediaType, long? length)
    {
        _length = length;
        Headers.ContentType = new MediaTypeHeaderValue(mediaType);
    }

    /// <summary>Completed when the server is ready for the body.</summary>
    internal Task<Stream> Body => _body.Task;

    /// <summary>All is written.</summary>
    internal void Complete() => _written.TrySetResult();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _body.TrySetResult(stream);
        await _written.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length ?? 0;
        return _length is not null; // Otherwise chunked, which the server has to copy once more.
    }
}
