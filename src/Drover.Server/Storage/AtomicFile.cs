namespace Drover.Server.Storage;

/// <summary>Files that are there in full or not at all, and that only their owner can read.</summary>
internal static class AtomicFile
{
    /// <summary>
    /// Writes a file beside the one that is there, sees that it is on disk, and puts it in its place. When that fails,
    /// the one that was there is unharmed.
    /// </summary>
    internal static void Write(string path, ReadOnlySpan<byte> content)
    {
        string beside = path + ".new";
        File.Delete(beside); // Of a process that was killed; its mode may be another.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(beside, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
    }
}
