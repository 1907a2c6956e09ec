namespace Drover.Cli.Following;

/// <summary>The last lines of a log.</summary>
internal static class LogTail
{
    private const int FirstBytes = 64 * 1024;
    private const int MostBytes = 64 * 1024 * 1024;

    /// <summary>
    /// Writes them and returns where the log went on. Reads from the end, twice as much each time until it is enough; of
    /// lines longer than 64 MiB together, the end.
    /// </summary>
    public static async Task<long> CopyAsync(JobHandle job, OutputKind kind, Stream destination, int lines, bool follow, int? attempt)
    {
        for (int wanted = FirstBytes; ; wanted *= 2)
        {
            using var end = new MemoryStream();
            long next;
            try
            {
                next = await job.CopyLogAsync(kind, end, -wanted, attempt: attempt);
            }
            catch (FileNotInJobException) when (follow)
            {
                return 0; // It has not begun.
            }

            if (next < 0 && follow)
            {
                return await CopyFromStartAsync(job, kind, destination, lines, attempt);
            }

            ReadOnlyMemory<byte> bytes = end.GetBuffer().AsMemory(0, (int)end.Length);
            int start = StartOfLast(bytes.Span, lines);
            if (start > 0 || bytes.Length < wanted || wanted >= MostBytes)
            {
                await destination.WriteAsync(bytes[start..]);
                return next;
            }
        }
    }

    /// <summary>For a server that does not tell where the end is: all of it has to come here to be counted.</summary>
    private static async Task<long> CopyFromStartAsync(JobHandle job, OutputKind kind, Stream destination, int lines, int? attempt)
    {
        using var last = new LastBytes(MostBytes);
        long next = await job.CopyLogAsync(kind, last, attempt: attempt);
        ReadOnlyMemory<byte> bytes = last.Bytes;
        await destination.WriteAsync(bytes[StartOfLast(bytes.Span, lines)..]);
        return next;
    }

    /// <summary>Where the last lines begin; a last line without an end counts.</summary>
    internal static int StartOfLast(ReadOnlySpan<byte> bytes, int lines)
    {
        int start = bytes.Length;
        for (int i = 0; i < lines && start > 0; i++)
        {
            // The end of the line before belongs to that one.
            start = bytes[..(start - 1)].LastIndexOf((byte)'\n') + 1;
        }

        return start;
    }
}
