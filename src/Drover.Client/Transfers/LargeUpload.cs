using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Drover.Client.Http;
using Microsoft.Win32.SafeHandles;

namespace Drover.Client.Transfers;

/// <summary>
/// A large file on its way to the server. When the server has nothing of the same length it cannot have this one: then it
/// is sent at once, and the server hashes it; a checksum of both ends tells that all of it came well. Otherwise it is hashed first, and sent when it is
/// missing.
/// </summary>
/// <param name="connection">The server.</param>
/// <param name="input">The file.</param>
/// <param name="meter">Counts.</param>
/// <param name="isMissing">Asks the server about a hash.</param>
internal sealed class LargeUpload(
    ApiConnection connection, LocalInput input, TransferMeter meter, Func<string, CancellationToken, Task<bool>> isMissing)
{
    private const int BlockSize = 1 << 20;

    /// <summary>Returns when the server has it; its hash is known then.</summary>
    /// <exception cref="InputRefusedException">It changed meanwhile, or cannot be read.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!await TrySendUnhashedAsync(cancellationToken).ConfigureAwait(false))
        {
            await ContentReader.HashAsync(input, cancellationToken).ConfigureAwait(false);
            if (await isMissing(input.Hash!, cancellationToken).ConfigureAwait(false))
            {
                await SendAsync(cancellationToken).ConfigureAwait(false);
            }
            else
            {
                meter.WasThere(input.Facts.Length, 0);
            }
        }

        input.SeeThatItIsUnchanged(); // What has arrived is what was hashed; but then it is not what is there now.
        meter.Completed(1);
    }

    /// <summary>Sends it under its hash.</summary>
    public async Task SendAsync(CancellationToken cancellationToken)
    {
        var put = new ContentPut(connection, input.Hash!, isHash: true, meter);
        try
        {
            await put.RunAsync(
                offset => Task.FromResult<HttpContent>(new FileContent(input, offset, (_, block) => put.Moved(block.Length))), cancellationToken).ConfigureAwait(false);
        }
        catch (RequestRefusedException e) when (e.Code == "hashMismatch")
        {
            throw input.Changed(e);
        }
    }

    /// <summary>Sends it and hashes it. False when the server may have it already: nothing was sent.</summary>
    private async Task<bool> TrySendUnhashedAsync(CancellationToken cancellationToken)
    {
        var crc = default(Crc64);
        long hashed = 0;
        var put = new ContentPut(connection, ProvisionalName(), isHash: false, meter);
        StoredInput stored;
        try
        {
            stored = await put.RunAsync(
                async offset =>
                {
                    crc = await SumAsync(crc, hashed, offset, cancellationToken).ConfigureAwait(false); // What an earlier call has sent.
                    hashed = Math.Max(hashed, offset);
                    return new FileContent(input, offset, Sent);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (RequestRefusedException e) when (e.Code == "maybeKnown")
        {
            return false;
        }

        input.Hash = stored.Hash;
        return stored.Crc is null || stored.Crc == crc.ToString() ? true : throw new DamagedTransferException(
            $"What the server got of {InputRules.Show(input.LocalPath)} is not what was sent: the checksums differ. Upload it again.");

        void Sent(long position, ReadOnlyMemory<byte> block)
        {
            put.Moved(block.Length);
            int known = (int)Math.Clamp(hashed - position, 0, block.Length); // After a break some of it is sent again.
            crc.Append(block.Span[known..]);
            hashed += block.Length - known;
        }
    }

    private async Task<Crc64> SumAsync(Crc64 crc, long from, long to, CancellationToken cancellationToken)
    {
        if (from >= to)
        {
            return crc;
        }

        using SafeFileHandle file = ContentReader.Open(input);
        byte[] block = new byte[BlockSize];
        while (from < to)
        {
            int count = await RandomAccess.ReadAsync(file, block.AsMemory(0, (int)Math.Min(BlockSize, to - from)), from, cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                throw input.Changed();
            }

            crc.Append(block.AsSpan(0, count));
            from += count;
        }

        return crc;
    }

    /// <summary>The same for the same file as long as nothing changes it, so that a later call goes on where this one broke.</summary>
    private string ProvisionalName() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{Environment.MachineName}\0{input.LocalPath}\0{input.Facts.Identity}\0{input.Facts.Length}\0{input.Facts.ModifiedAt}"))));
}
