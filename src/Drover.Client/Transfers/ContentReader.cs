using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Drover.Client.Transfers;

/// <summary>Reads inputs and hashes them. Runs on threads of the pool.</summary>
internal static class ContentReader
{
    private const int BlockSize = 1 << 20;

    /// <summary>Reads a small file as a whole and hashes it: what is sent later is what was hashed.</summary>
    /// <param name="input">The file.</param>
    /// <param name="content">As long as it was when it was found.</param>
    /// <exception cref="InputRefusedException">It cannot be read, or has changed since it was found.</exception>
    public static void ReadSmall(LocalInput input, Span<byte> content)
    {
        try
        {
            using SafeFileHandle file = Open(input);
            int length = 0;
            while (length < content.Length && RandomAccess.Read(file, content[length..], length) is var count and > 0)
            {
                length += count;
            }

            input.SeeThatItIsUnchanged();
            if (length < content.Length)
            {
                throw input.Changed();
            }

            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(content, hash);
            input.Hash = Convert.ToHexStringLower(hash);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(input, e);
        }
    }

    /// <summary>Hashes a file of any length, while the next block of it is read.</summary>
    /// <exception cref="InputRefusedException">It cannot be read, or has changed since it was found.</exception>
    public static async Task HashAsync(LocalInput input, CancellationToken cancellationToken)
    {
        byte[][] blocks = [ArrayPool<byte>.Shared.Rent(BlockSize), ArrayPool<byte>.Shared.Rent(BlockSize)];
        try
        {
            using SafeFileHandle file = Open(input);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long position = 0;
            int current = 0;
            int count = await RandomAccess.ReadAsync(file, blocks[0].AsMemory(0, BlockSize), 0, cancellationToken).ConfigureAwait(false);
            while (count > 0)
            {
                position += count;
                ValueTask<int> next = RandomAccess.ReadAsync(file, blocks[1 - current].AsMemory(0, BlockSize), position, cancellationToken);
                hash.AppendData(blocks[current], 0, count);
                count = await next.ConfigureAwait(false);
                current = 1 - current;
            }

            input.SeeThatItIsUnchanged();
            input.Hash = Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(input, e);
        }
        finally
        {
            Array.ForEach(blocks, block => ArrayPool<byte>.Shared.Return(block));
        }
    }

    /// <summary>Opens a file that was found before.</summary>
    /// <exception cref="InputRefusedException">It cannot be read, or is gone.</exception>
    public static SafeFileHandle Open(LocalInput input)
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
            throw Unreadable(input, e);
        }
    }

    private static InputRefusedException Unreadable(LocalInput input, Exception e) =>
        new(input.LocalPath, $"{InputRules.Show(input.LocalPath)} cannot be read: {e.Message}", e);
}
