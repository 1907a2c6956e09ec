using System.Buffers;
using System.Net;
using Microsoft.Win32.SafeHandles;

namespace Drover.Client.Transfers;

/// <summary>The rest of a file as the body of a request: as much of it as there was when it was found.</summary>
/// <param name="input">The file.</param>
/// <param name="offset">Where the rest begins.</param>
/// <param name="moved">Told of each block that was sent, and where it begins.</param>
internal sealed class FileContent(LocalInput input, long offset, Action<long, ReadOnlyMemory<byte>> moved) : HttpContent
{
    private const int BlockSize = 256 << 10;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            using SafeFileHandle file = ContentReader.Open(input);
            for (long position = offset; position < input.Facts.Length;)
            {
                int wanted = (int)Math.Min(BlockSize, input.Facts.Length - position);
                int count = RandomAccess.Read(file, block.AsSpan(0, wanted), position);
                if (count == 0)
                {
                    throw input.Changed();
                }

                await stream.WriteAsync(block.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                moved(position, block.AsMemory(0, count));
                position += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = input.Facts.Length - offset;
        return true;
    }
}
