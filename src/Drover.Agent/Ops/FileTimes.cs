using System.IO.Enumeration;
using Microsoft.Win32.SafeHandles;

namespace Drover.Agent.Ops;

/// <summary>When files were written. Some file systems know later years than .NET; of those the last is told that it does.</summary>
internal static class FileTimes
{
    /// <summary>A day early, so that every time zone can show it.</summary>
    private static readonly DateTime s_last = new(9999, 12, 30, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>When an open file was last written.</summary>
    internal static DateTime WrittenAt(SafeFileHandle file)
    {
        try
        {
            return File.GetLastWriteTimeUtc(file);
        }
        catch (ArgumentOutOfRangeException)
        {
            return s_last;
        }
    }

    /// <summary>When an entry of a folder was last written.</summary>
    internal static DateTimeOffset WrittenAt(ref FileSystemEntry entry)
    {
        try
        {
            return entry.LastWriteTimeUtc;
        }
        catch (ArgumentOutOfRangeException)
        {
            return new DateTimeOffset(s_last);
        }
    }
}
