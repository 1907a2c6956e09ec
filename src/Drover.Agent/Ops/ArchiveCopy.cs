using System.Formats.Tar;
using Drover.Agent.Drivers;

namespace Drover.Agent.Ops;

/// <summary>Writes files of a run directory as a tar archive (pax), also while a job changes them. On threads of the pool.</summary>
/// <param name="entries">What is in it.</param>
/// <param name="open">Opens a file by its path from the run directory; a job may have changed what is there.</param>
internal sealed class ArchiveCopy(IReadOnlyList<ArchiveEntry> entries, Func<string, FileStream> open)
{
    /// <summary>The attribute, at the end of the archive, that names files that became shorter while they were read.</summary>
    internal const string ChangedAttribute = "DROVER.changed";

    /// <summary>The attribute, at the end of the archive, that names what is not in it because it cannot be read.</summary>
    internal const string UnreadableAttribute = "DROVER.unreadable";

    private const UnixFileMode FolderMode = (UnixFileMode)0x1ED; // 0755
    private readonly List<string> _changed = [];
    private readonly List<string> _unreadable = [];

    /// <summary>How many files are in it.</summary>
    internal int Files => entries.Count(entry => entry is { IsFolder: false, Target: null, IsUnreadable: false });

    /// <summary>How many bytes they had when they were found.</summary>
    internal long Bytes => entries.Sum(entry => entry.Length);

    internal async Task WriteAsync(Stream to, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // Off the loop: what follows blocks.
        var writer = new TarWriter(to, TarEntryFormat.Pax, leaveOpen: true);
        await using (writer.ConfigureAwait(false))
        {
            foreach (ArchiveEntry entry in entries)
            {
                if (entry.IsUnreadable)
                {
                    _unreadable.Add(entry.Path);
                }
                else if (entry.IsFolder || entry.Target is not null)
                {
                    PosixTarEntry header = New(entry.IsFolder ? TarEntryType.Directory : TarEntryType.SymbolicLink, entry);
                    header.Mode = FolderMode;
                    if (entry.Target is { } target)
                    {
                        header.LinkName = target;
                    }

                    await writer.WriteEntryAsync(header, cancellation).ConfigureAwait(false);
                }
                else
                {
                    await AddFileAsync(writer, entry, cancellation).ConfigureAwait(false);
                }
            }

            await TellAsync(writer, ChangedAttribute, _changed, cancellation).ConfigureAwait(false);
            await TellAsync(writer, UnreadableAttribute, _unreadable, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task TellAsync(TarWriter writer, string attribute, List<string> paths, CancellationToken cancellation)
    {
        foreach (string path in paths)
        {
            var note = new PaxGlobalExtendedAttributesTarEntry([KeyValuePair.Create(attribute, Uri.EscapeDataString(path))]);
            await writer.WriteEntryAsync(note, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// A header of an entry. .NET does not read line breaks in the attributes of pax; in GNU's headers it does, and an archive
    /// may have both.
    /// </summary>
    private static PosixTarEntry New(TarEntryType type, ArchiveEntry entry) =>
        entry.Path.Contains('\n', StringComparison.Ordinal) || entry.Target?.Contains('\n', StringComparison.Ordinal) == true
            ? new GnuTarEntry(type, entry.Path)
            : new PaxTarEntry(type, entry.Path);

    private async Task AddFileAsync(TarWriter writer, ArchiveEntry entry, CancellationToken cancellation)
    {
        FileStream file;
        try
        {
            file = open(entry.Source);
        }
        catch (DriverException e) when (e.IsNotFound || e.IsForbidden) // Anything else may pass: then all of it is asked for again.
        {
            (e.IsNotFound ? _changed : _unreadable).Add(entry.Path); // Removed since it was found, or not to be read by the agent.
            return;
        }

        await using (file.ConfigureAwait(false))
        {
            var content = new FixedLength(file.SafeFileHandle, RandomAccess.GetLength(file.SafeFileHandle));
            await using (content.ConfigureAwait(false))
            {
                PosixTarEntry header = New(TarEntryType.RegularFile, entry);
                header.Mode = OperatingSystem.IsWindows() ? FolderMode : File.GetUnixFileMode(file.SafeFileHandle) & (UnixFileMode)0x1FF;
                header.ModificationTime = new DateTimeOffset(FileTimes.WrittenAt(file.SafeFileHandle));
                header.DataStream = content;
                await writer.WriteEntryAsync(header, cancellation).ConfigureAwait(false);
                if (content.HasShrunk)
                {
                    _changed.Add(entry.Path);
                }
            }
        }
    }
}
