namespace Drover.Client.Transfers;

/// <summary>Finds what is to be uploaded. Blocks.</summary>
internal sealed class InputTree
{
    /// <summary>What .NET puts in place of bytes that are no UTF-8.</summary>
    private const char Replacement = '\uFFFD';

    private readonly SortedDictionary<string, LocalInput> _found = new(StringComparer.Ordinal);
    private readonly HashSet<(ulong, ulong)> _above = [];
    private readonly CancellationToken _cancellation;
    private bool _followsLinks;

    private InputTree(CancellationToken cancellation) => _cancellation = cancellation;

    /// <summary>All inputs, sorted by path: the same files give the same manifest, in whatever order the system names them.</summary>
    /// <exception cref="InputRefusedException">One of them cannot be an input.</exception>
    public static IReadOnlyList<LocalInput> Walk(IEnumerable<UploadSource> sources, CancellationToken cancellation)
    {
        var tree = new InputTree(cancellation);
        foreach (UploadSource source in sources)
        {
            tree.Add(source);
        }

        LocalInput[] all = [.. tree._found.Values];
        return InputRules.FindFault(new InputManifest { Entries = [.. all.Select(Checkable)] }) is { } fault
            ? throw new InputRefusedException(all.FirstOrDefault(input => fault.Contains(InputRules.Show(input.Path), StringComparison.Ordinal))?.LocalPath ?? "", fault)
            : all;
    }

    private static InputEntry Checkable(LocalInput input) =>
        input.Kind == InputKind.File ? input.ToEntry() with { Hash = new string('0', InputRules.HashLength) } : input.ToEntry();

    private void Add(UploadSource source)
    {
        ArgumentException.ThrowIfNullOrEmpty(source?.LocalPath, nameof(source));
        string local = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source.LocalPath));
        FileFacts facts = FileFacts.Of(local, followLink: true) // What was named is meant, also through a link.
            ?? throw new InputRefusedException(local, $"There is no {InputRules.Show(local)}.");
        string path = (source.Path ?? Path.GetFileName(local)).TrimEnd('/');
        bool isRoot = path is "." or "";
        if (isRoot && facts.Kind != FileKind.Folder)
        {
            throw new InputRefusedException(local, $"{InputRules.Show(local)} is no folder: only what is in a folder can be laid out in the run directory itself.");
        }

        if (!isRoot && InputRules.PathFault(path) is { } fault)
        {
            throw new InputRefusedException(local, fault);
        }

        _followsLinks = source.FollowLinks;
        Add(local, isRoot ? "" : path, facts);
    }

    private void Add(string local, string path, FileFacts facts)
    {
        _cancellation.ThrowIfCancellationRequested();
        switch (facts.Kind)
        {
            case FileKind.File:
                Keep(new LocalInput(local, path, InputKind.File, facts));
                break;
            case FileKind.Link:
                Keep(new LocalInput(local, path, InputKind.Link, facts, KeptTarget(local, path)));
                break;
            case FileKind.Folder:
                AddFolder(local, path, facts);
                break;
            default:
                throw new InputRefusedException(local, $"{InputRules.Show(local)} is a {Word(facts.Kind)}: only files, folders and symbolic links can be inputs.");
        }
    }

    private void AddFolder(string local, string path, FileFacts facts)
    {
        if (facts.Identity != default && !_above.Add(facts.Identity))
        {
            throw new InputRefusedException(local, $"The symbolic link {InputRules.Show(local)} leads to a folder that it is in: it cannot be followed.");
        }

        if (path.Length > 0 && !(_found.TryGetValue(path, out LocalInput? same) && same.Kind == InputKind.Folder))
        {
            Keep(new LocalInput(local, path, InputKind.Folder, facts)); // Of two folders in one place, what is in them comes together.
        }

        foreach (string child in Children(local))
        {
            string name = Path.GetFileName(child);
            string place = path.Length == 0 ? name : $"{path}/{name}";
            FileFacts? found = FileFacts.Of(child, followLink: false);
            if (found is { Kind: FileKind.Link } && _followsLinks)
            {
                found = FileFacts.Of(child, followLink: true)
                    ?? throw new InputRefusedException(child, $"The symbolic link {InputRules.Show(child)} leads to nothing: it cannot be followed.");
            }

            Add(child, place, found ?? throw Vanished(child));
        }

        _above.Remove(facts.Identity);
    }

    private static string[] Children(string folder)
    {
        try
        {
            return Directory.GetFileSystemEntries(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputRefusedException(folder, $"The folder {InputRules.Show(folder)} cannot be read: {e.Message}", e);
        }
    }

    private static string KeptTarget(string local, string path)
    {
        string target = new FileInfo(local).LinkTarget ?? "";
        return InputRules.LinkFault(path, target) is { } fault
            ? throw new InputRefusedException(local, $"{fault} Have links followed (--follow-links, in programs FollowLinks), or leave it out.")
            : target;
    }

    private void Keep(LocalInput input)
    {
        if (_found.Count >= InputRules.MostEntries)
        {
            throw new InputRefusedException(input.LocalPath, $"There are more than {InputRules.MostEntries} inputs: put them into an archive.");
        }

        if (!_found.TryAdd(input.Path, input))
        {
            string other = _found[input.Path].LocalPath;
            throw new InputRefusedException(
                input.LocalPath, $"{InputRules.Show(other)} and {InputRules.Show(input.LocalPath)} would both be {InputRules.Show(input.Path)} in the run directory.");
        }
    }

    private static InputRefusedException Vanished(string path) => path.Contains(Replacement, StringComparison.Ordinal)
        ? new(path, $"The name {InputRules.Show(path)} is no valid UTF-8, which a .NET program cannot open: rename it, or put it into an archive.")
        : new(path, $"{InputRules.Show(path)} was removed while it was looked at.");

    private static string Word(FileKind kind) => kind switch
    {
        FileKind.Pipe => "pipe",
        FileKind.Socket => "socket",
        _ => "device",
    };
}
