using System.Text;

namespace Drover.Agent.Keeper;

/// <summary>The end of what an attempt wrote to its standard error stream.</summary>
internal static class ErrorTail
{
    /// <summary>The most bytes of it.</summary>
    internal const int MaxBytes = 4096;

    /// <summary>Reads it: null when there is nothing. Bytes that are no text become replacement characters.</summary>
    internal static string? Read(string path)
    {
        try
        {
            long length = new FileInfo(path) is { Exists: true } info ? info.Length : 0;
            if (length == 0)
            {
                return null;
            }

            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            byte[] tail = new byte[Math.Min(MaxBytes, length)];
            stream.Seek(-tail.Length, SeekOrigin.End);
            int count = stream.ReadAtLeast(tail, tail.Length, throwOnEndOfStream: false);
            return Text(tail.AsSpan(0, count), isCut: length > count);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // The job has removed it, or made something else of it.
        }
    }

    /// <summary>A character that the cut went through is left out.</summary>
    private static string Text(ReadOnlySpan<byte> tail, bool isCut)
    {
        while (isCut && tail.Length > 0 && (tail[0] & 0xC0) == 0x80)
        {
            tail = tail[1..];
        }

        return Encoding.UTF8.GetString(tail);
    }
}
