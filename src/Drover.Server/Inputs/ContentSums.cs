using System.Security.Cryptography;
using Drover.Protocol.Files;

namespace Drover.Server.Inputs;

/// <summary>The hash that names a content; and the checksum that tells a client, which does not know the hash, that all of it came well.</summary>
/// <param name="withCrc">Whether that is wanted.</param>
internal sealed class ContentSums(bool withCrc) : IDisposable
{
    /// <summary>What the one has read is still in the processor's cache for the other.</summary>
    private const int Piece = 64 << 10;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Crc64 _crc;

    /// <summary>The checksum; null when it was not wanted.</summary>
    internal string? Crc => withCrc ? _crc.ToString() : null;

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            ReadOnlySpan<byte> piece = bytes[..Math.Min(bytes.Length, Piece)];
            bytes = bytes[piece.Length..];
            _hash.AppendData(piece);
            if (withCrc)
            {
                _crc.Append(piece);
            }
        }
    }

    /// <summary>The hash.</summary>
    internal string Sha256() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public void Dispose() => _hash.Dispose();
}
