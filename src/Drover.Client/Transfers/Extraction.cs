using System.Buffers;
using System.Formats.Tar;

namespace Drover.Client.Transfers;

/// <summary>
/// Lays out an archive in a new folder. Nothing gets out of it: names are looked at, and links are made last, so that no
/// file is written through one.
/// </summary>
internal sealed class Extraction(string folder, TransferMeter meter)
{
    /// <summary>The attribute of an archive that names the files that became shorter while they were read.</summary>
    internal const string ChangedAttribute = "DROVER.changed";

    /// <summary>The attribute of an archive that names what is not in it because it cannot be read.</summary>
    internal const string UnreadableAttribute = "DROVER.unreadable";

    private const int BlockSize = 256 << 10;
    private const UnixFileMode Permissions = (UnixFileMode)0b111_111_111;
    private const UnixFileMode OwnersAccess = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly List<(string Path, string Target)> _links = [];
    private readonly List<(string Path, UnixFileMode Mode)> _modes = [];
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);

    /// <summary>The files, as paths from the folder.</summary>
    public List<string> Files { get; } = [];

    /// <summary>The links.</summary>
    public IReadOnlyList<(string Path, string Target)> Links => _links;

    /// <summary>The folders, each before what is in it.</summary>
    public List<string> Folders { get; } = [];

    /// <summary>How many bytes the files have.</summary>
    public long Bytes { get; private set; }

    /// <summary>The files that became shorter while they were read.</summary>
    public List<string> Changed { get; } = [];

    /// <summary>What was asked for and is not in the archive, because the agent cannot read it.</summary>
    public List<string> Unreadable { get; } = [];

    /// <summary>Reads the archive to its end, and what follows it.</summary>
    /// <exception cref="UnexpectedAnswerException">It is no such archive; or it wants to write elsewhere.</exception>
    public async Task RunAsync(Stream archive, CancellationToken cancellationToken)
    {
        var reader = new TarReader(archive, leaveOpen: true);
        await using (reader.ConfigureAwait(false))
        {
            byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
            try
            {
                while (await NextAsync(reader, cancellationToken).ConfigureAwait(false) is { } entry)
                {
                    await AddAsync(entry, block, cancellationToken).ConfigureAwait(false);
                }

                while (await archive.ReadAsync(block, cancellationToken).ConfigureAwait(false) > 0)
                {
                    // What pads the archive; the checksum comes behind it.
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(block);
            }
        }

        _links.ForEach(link => File.CreateSymbolicLink(Path.Combine(folder, link.Path), link.Target));
        _modes.Reverse(); // What is in a folder before the folder, which may then be closed for writing.
        _modes.ForEach(each => SetMode(each.Path, each.Mode));
    }

    private static async Task<TarEntry?> NextAsync(TarReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.GetNextEntryAsync(copyData: false, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or EndOfStreamException)
        {
            throw new UnexpectedAnswerException($"What the server sent is no tar archive: {e.Message}", e);
        }
    }

    private async Task AddAsync(TarEntry entry, byte[] block, CancellationToken cancellationToken)
    {
        if (entry is PaxGlobalExtendedAttributesTarEntry global)
        {
            if (global.GlobalExtendedAttributes.TryGetValue(ChangedAttribute, out string? changed))
            {
                Changed.Add(Uri.UnescapeDataString(changed));
            }

            if (global.GlobalExtendedAttributes.TryGetValue(UnreadableAttribute, out string? unreadable))
            {
                Unreadable.Add(Uri.UnescapeDataString(unreadable));
            }

            return;
        }

        string path = entry.Name.TrimEnd('/');
        string? fault = InputRules.PathFault(path) is { } bad ? bad
            : entry.EntryType == TarEntryType.SymbolicLink ? InputRules.LinkFault(path, entry.LinkName) : null;
        if (fault is not null)
        {
            throw new UnexpectedAnswerException($"The server sent an archive that is not laid out: {fault}", inner: null);
        }

        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                AddFolder(path);
                _modes.Add((path, entry.Mode));
                break;
            case TarEntryType.SymbolicLink:
                AddParent(path);
                _links.Add((path, entry.LinkName));
                break;
            case TarEntryType.RegularFile:
                AddParent(path);
                await WriteAsync(path, entry, block, cancellationToken).ConfigureAwait(false);
                break;
            default:
                throw new UnexpectedAnswerException($"The server sent an archive with a {entry.EntryType} in it, which is not laid out.", inner: null);
        }
    }

    private async Task WriteAsync(string path, TarEntry entry, byte[] block, CancellationToken cancellationToken)
    {
        string place = Path.Combine(folder, path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, PreallocationSize = 0 };
        var file = new FileStream(place, options);
        await using (file.ConfigureAwait(false))
        {
            while (entry.DataStream is { } data && await data.ReadAsync(block.AsMemory(0, BlockSize), cancellationToken).ConfigureAwait(false) is var count and > 0)
            {
                await file.WriteAsync(block.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                meter.Moved(count);
                Bytes += count;
            }
        }

        File.SetLastWriteTimeUtc(place, entry.ModificationTime.UtcDateTime);
        SetMode(path, entry.Mode);
        Files.Add(path);
        meter.Completed(1);
    }

    private void AddParent(string path)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
        {
            AddFolder(parent);
        }
    }

    private void AddFolder(string path)
    {
        if (_folders.Add(path))
        {
            AddParent(path);
            Directory.CreateDirectory(Path.Combine(folder, path));
            Folders.Add(path);
        }
    }

    private void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            bool isFolder = _folders.Contains(path);
            mode &= Permissions; // Not whose rights a program runs with.
            File.SetUnixFileMode(Path.Combine(folder, path), isFolder ? mode | OwnersAccess : mode);
        }
    }
}
