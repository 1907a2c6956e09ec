using System.Buffers;

namespace Drover.Client.Http;

/// <summary>Copies the body of an answer.</summary>
internal static class Body
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>
    /// Copies until the body ends, flushing each piece. Null then; the error when the connection broke before. What the
    /// destination throws is thrown.
    /// </summary>
    /// <param name="connection">Whose answer it is.</param>
    /// <param name="response">The answer.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="copied">Called with the length of each piece that the destination has taken.</param>
    /// <param name="cancellationToken">Ends the copy.</param>
    public static async Task<DroverException?> CopyAsync(
        ApiConnection connection, HttpResponseMessage response, Stream destination, Action<int> copied, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
            while (true)
            {
                int read;
                try
                {
                    read = await body.ReadAsync(buffer, cancellationToken);
                }
                catch (Exception e) when (ApiConnection.IsBroken(e))
                {
                    return connection.Broken(e, maySent: true);
                }

                if (read == 0)
                {
                    return null;
                }

                await destination.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                await destination.FlushAsync(cancellationToken);
                copied(read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
