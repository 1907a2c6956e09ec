using System.Buffers;
using System.Net;
using Microsoft.Win32.SafeHandles;

namespace Drover.Client.Transfers;

/// <summary>The rest of a file as the body of a request: as much of it as there was when it was found.</summary>
internal sealed class FileContent(LocalInput input, long offset, Action<long> moved) : HttpContent
{
    private const int BlockSize = 256 << 10;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            using SafeFileHandle file = Open();
            for (long position = offset; position < input.Facts.Length;)
            {
                int wanted = (int)Math.Min(BlockSize, input.Facts.Length - position);
                int count = RandomAccess.Read(file, block.AsSpan(0, wanted), position);
                if (count == 0)
                {
                    throw input.Changed();
                }

                await stream.WriteAsync(block.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                position += count;
                moved(count);
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

    private SafeFileHandle Open()
    {
        try
        {
            return File.OpenHandle(input.LocalPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw input.Changed(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ContentReader.Unreadable(input, e);
        }
    }
}
