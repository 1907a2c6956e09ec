using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Drover.Server.Storage;
using Drover.Server.Supervision;
using Microsoft.Win32.SafeHandles;

namespace Drover.Server.Inputs;

/// <summary>
/// The contents that users upload, by their SHA-256: of each user his own, so that nobody can find out what others have.
/// Small ones are in a database, large ones are files (decision 0016). Any thread; nothing waits on the caller's.
/// </summary>
internal sealed class InputStore : IAsyncDisposable
{
    /// <summary>The longest content that is kept in the database, and may be in a pack.</summary>
    internal const int SmallBytes = 128 << 10;

    private const int BlockSize = 1 << 20;

    private readonly InputIndex _index;
    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly Uploads _uploads = new();
    private readonly Flushes _flushes = new();
    private readonly ConcurrentDictionary<string, CountedFolder> _folders = new(StringComparer.Ordinal);

    private InputStore(InputIndex index, string folder, TimeProvider time)
    {
        _index = index;
        _folder = folder;
        _time = time;
    }

    /// <summary>Opens the store in a folder, which is made when it is missing. Blocks.</summary>
    /// <exception cref="StorageException">It cannot be used.</exception>
    internal static InputStore Open(string folder, TimeProvider time)
    {
        try
        {
            MakePrivate(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.Translate(e, folder);
        }

        return new InputStore(new InputIndex(Path.Combine(folder, "inputs.db")), folder, time);
    }

    /// <summary>Which of these contents the user has not uploaded. The others count as used now.</summary>
    internal async Task<IReadOnlyList<string>> MissingAsync(string user, IReadOnlyList<string> hashes)
    {
        KnownContent?[] known = await UseAsync(user, hashes).ConfigureAwait(false);
        return [.. hashes.Where((hash, i) => known[i] is not { } content || (content.IsLarge && !HasLarge(user, hash)))];
    }

    /// <summary>How much of a content there is, and whether that is all.</summary>
    internal async Task<(long Offset, bool IsComplete)> FindAsync(string user, string hash)
    {
        KnownContent? known = (await UseAsync(user, [hash]).ConfigureAwait(false))[0];
        return known is { } content && (!content.IsLarge || HasLarge(user, hash))
            ? (content.Length, true)
            : (LengthOf(FileOf(user, hash) + CountedFolder.Unfinished), false);
    }

    /// <summary>Stores small contents that came together, all or none. When it returns they are on disk.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="contents">The contents, which are what their hashes say.</param>
    /// <param name="pack">The leave to upload them, when it was for all of them.</param>
    /// <exception cref="StorageException">They cannot be stored.</exception>
    internal Task AddAsync(string user, IReadOnlyList<SmallContent> contents, InputAdmission? pack) =>
        _index.AddAsync(user, contents, pack, _time.GetUtcNow());

    /// <summary>
    /// Stores a content, or what is missing of one. When it returns the content is there, and on its way to the disk:
    /// <see cref="WaitUntilOnDiskAsync"/>. When the body breaks, what has come is kept, and the next upload of that name goes
    /// on there.
    /// </summary>
    /// <param name="user">Whose.</param>
    /// <param name="name">Its hash; or, when the client does not know that yet, a name that it made up, of the same form.</param>
    /// <param name="isHash">Whether it is the hash.</param>
    /// <param name="offset">Where the body begins; what was there is dropped when that is zero.</param>
    /// <param name="body">The bytes from there to the end.</param>
    /// <param name="admission">The leave to upload it.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="InputException">It is not what its hash says, or the offset is not where what is there ends.</exception>
    /// <exception cref="StorageException">It cannot be stored.</exception>
    /// <exception cref="RequestRefusedException">The user has too much already; nothing of it is kept.</exception>
    internal async Task<StoredContent> PutAsync(
        string user, string name, bool isHash, long offset, PipeReader body, InputAdmission admission, CancellationToken cancellation)
    {
        string file = FileOf(user, name);
        using Uploads.Turn turn = await _uploads.TakeOverAsync(file, cancellation).ConfigureAwait(false);
        (long there, bool isComplete) = await FindAsync(user, name).ConfigureAwait(false);
        if (isComplete)
        {
            return new StoredContent(name, IsNew: false, Crc: null);
        }

        if (offset != 0 && offset != there)
        {
            throw new InputException("conflict", $"There are {there} bytes of this content, so the rest begins there and not at {offset}: ask again with HEAD.", there);
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, turn.Wanted, admission.Silence);
        try
        {
            return await WriteAsync(user, name, isHash, offset, body, admission, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (turn.Wanted.IsCancellationRequested)
        {
            throw new InputException("conflict", "Another upload of the same content took over.", LengthOf(file + CountedFolder.Unfinished));
        }
        catch (Exception e) when (IsOfDisk(e))
        {
            throw FileErrors.Translate(e, file);
        }
    }

    /// <summary>Whether the user has a content of this length: another of the same may be the same.</summary>
    internal async Task<bool> HasLengthAsync(string user, long length) =>
        _flushes.HasLength(user, length) || await _index.HasLengthAsync(user, length).ConfigureAwait(false);

    /// <summary>Counts what of the disk a user's inputs take: those that are stored, and what has come of others. It takes time once.</summary>
    internal Task CountAsync(string user)
    {
        FolderOf(FileOf(user, "any")).Count();
        return _index.CountSmallAsync(user);
    }

    /// <summary>What <see cref="CountAsync"/> has counted, and what was changed since.</summary>
    internal long CountedBytes(string user) => FolderOf(FileOf(user, "any")).Bytes + _index.SmallBytes(user);

    /// <summary>So many bytes of an upload are to be written.</summary>
    internal void Count(string user, long bytes) => FolderOf(FileOf(user, "any")).Add(bytes);

    /// <summary>What of the disk an upload takes that runs, or that broke.</summary>
    internal long UnfinishedBytes(string user, string name) => CountedFolder.BytesOf(new FileInfo(FileOf(user, name) + CountedFolder.Unfinished));

    /// <summary>Reads small contents, in the order of their hashes.</summary>
    internal Task<byte[][]> ReadSmallAsync(string user, IReadOnlyList<string> hashes) => _index.ReadAsync(user, hashes);

    /// <summary>Opens a large content for reading.</summary>
    /// <exception cref="StorageException">It is not there any more, or cannot be read.</exception>
    internal FileStream OpenLarge(string user, string hash)
    {
        string file = FileOf(user, hash);
        try
        {
            return new FileStream(file, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.Read | FileShare.Delete, BufferSize = 0 });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.Translate(e, file);
        }
    }

    /// <summary>Whether a large content that is known is there, as it should be.</summary>
    internal bool HasLarge(string user, string hash) => File.Exists(FileOf(user, hash));

    /// <summary>What is known of contents, null where there is none; from now on they count as used now.</summary>
    internal async Task<KnownContent?[]> UseAsync(string user, IReadOnlyList<string> hashes)
    {
        // Those first that are not on the disk yet: they become known before they cease to be among these.
        long?[] pending = [.. hashes.Select(hash => _flushes.LengthOf(user, hash))];
        KnownContent?[] known = await _index.UseAsync(user, hashes, _time.GetUtcNow()).ConfigureAwait(false);
        for (int i = 0; i < known.Length; i++)
        {
            known[i] ??= pending[i] is { } length ? new KnownContent(length, _time.GetUtcNow(), IsLarge: true) : null;
        }

        return known;
    }

    /// <summary>
    /// What is stored of contents, for good: those that are on their way to the disk are waited for. Null where there is
    /// none; the others count as used now.
    /// </summary>
    /// <exception cref="StorageException">One of them cannot be written.</exception>
    internal async Task<KnownContent?[]> UseStoredAsync(string user, IReadOnlyList<string> hashes)
    {
        await WaitUntilOnDiskAsync(user, hashes).ConfigureAwait(false);
        return await _index.UseAsync(user, hashes, _time.GetUtcNow()).ConfigureAwait(false);
    }

    /// <summary>Returns when contents that are known are on the disk, too.</summary>
    /// <exception cref="StorageException">They cannot be written.</exception>
    internal Task WaitUntilOnDiskAsync(string user, IEnumerable<string> hashes) => _flushes.WaitAsync(user, hashes);

    /// <summary>Reads a content of whatever length, when there is one and it is no longer than this.</summary>
    internal async Task<byte[]?> ReadAsync(string user, string hash, int longest)
    {
        if ((await UseAsync(user, [hash]).ConfigureAwait(false))[0] is not { } known || known.Length > longest)
        {
            return null;
        }

        if (!known.IsLarge)
        {
            return (await ReadSmallAsync(user, [hash]).ConfigureAwait(false))[0];
        }

        FileStream file = OpenLarge(user, hash);
        await using (file.ConfigureAwait(false))
        {
            byte[] content = new byte[known.Length];
            await file.ReadExactlyAsync(content).ConfigureAwait(false);
            return content;
        }
    }

    /// <summary>Removes what was not used since a time and is not kept, and what is left of uploads that broke before it.</summary>
    /// <returns>How many contents were removed.</returns>
    internal async Task<int> SweepAsync(DateTimeOffset before, IReadOnlySet<(string User, string Hash)> kept)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // What follows blocks.
        int count = await _index.DropAsync(before, kept).ConfigureAwait(false);
        string[] old =
        [
            .. new DirectoryInfo(_folder).EnumerateDirectories().SelectMany(user => user.EnumerateFiles())
                .Where(file => file.LastWriteTimeUtc < before.UtcDateTime).Select(file => file.FullName),
        ];
        foreach (string part in old.Where(file => file.EndsWith(CountedFolder.Unfinished, StringComparison.Ordinal)))
        {
            RemoveUnfinished(part, before);
        }

        // Whoever finds a content known, or on its way to the disk, finds its file: none becomes either while it is seen that
        // nobody knows it, and its file is taken away. To delete it may take long, and holds up nobody.
        string[] aside = await _index.WithLargeAsync(known => SetAside(old, known)).ConfigureAwait(false);
        foreach (string file in aside.Concat(old.Where(file => file.EndsWith(CountedFolder.Aside, StringComparison.Ordinal))))
        {
            FolderOf(file).Delete(file); // Who reads it now reads on.
        }

        return count;
    }

    public async ValueTask DisposeAsync()
    {
        await _flushes.DisposeAsync().ConfigureAwait(false);
        await _index.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<StoredContent> WriteAsync(
        string user, string name, bool isHash, long offset, PipeReader body, InputAdmission admission, CancellationToken cancellation)
    {
        string part = FileOf(user, name) + CountedFolder.Unfinished;
        CountedFolder folder = FolderOf(part);
        MakePrivate(Path.GetDirectoryName(part)!);
        if (offset == 0)
        {
            folder.Delete(part);
        }

        bool isOver = false;
        SafeFileHandle? handle = offset == 0
            ? folder.Create(part)
            : File.OpenHandle(part, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        try
        {
            using var sums = new ContentSums(withCrc: !isHash);
            await HashThereAsync(handle, sums, offset, cancellation).ConfigureAwait(false);
            var copy = new BodyCopy(body, handle, sums, offset, admission);
            await copy.RunAsync(cancellation).ConfigureAwait(false);
            isOver = true;
            string hash = sums.Sha256();
            if (isHash && hash != name)
            {
                throw InputException.Mismatch(name);
            }

            if (copy.Position <= SmallBytes)
            {
                byte[] content = await File.ReadAllBytesAsync(part, CancellationToken.None).ConfigureAwait(false);
                await AddAsync(user, [new SmallContent(Convert.FromHexString(hash), content)], pack: null).ConfigureAwait(false);
            }
            else if (!(await FindAsync(user, hash).ConfigureAwait(false)).IsComplete) // Otherwise the one that is there is on the disk, perhaps.
            {
                KeepLarge(user, hash, part, copy.Position, handle);
                handle = null;
            }

            return new StoredContent(hash, IsNew: true, sums.Crc);
        }
        catch (RequestRefusedException)
        {
            isOver = true; // It would take room that it can never fill.
            throw;
        }
        finally
        {
            if (handle is not null)
            {
                long length = RandomAccess.GetLength(handle);
                folder.Add(length - offset - admission.Came); // What could not be written was counted, too.
                handle.Dispose();
                isOver |= length == 0; // There is nothing to go on with.
            }

            if (isOver)
            {
                folder.Delete(part); // It is stored, was not what it should be, or is empty.
            }
        }
    }

    /// <summary>Takes away those contents among these files that nobody knows.</summary>
    private string[] SetAside(string[] files, IEnumerable<(string User, string Hash)> known)
    {
        string[] contents = [.. files.Where(file => !Path.HasExtension(file))];
        HashSet<string> hashes = [.. contents.Select(file => Path.GetFileName(file))];
        HashSet<string> needed = [.. known.Where(each => hashes.Contains(each.Hash)).Select(each => FileOf(each.User, each.Hash))];
        return [.. contents
            .Select(file => FolderOf(file).SetAside(file, () => needed.Contains(file) || _flushes.HasHash(Path.GetFileName(file)))).OfType<string>()];
    }

    /// <summary>Removes what is left of an upload that broke, unless it goes on. One that begins meanwhile waits.</summary>
    private void RemoveUnfinished(string part, DateTimeOffset before)
    {
        using Uploads.Turn? turn = _uploads.TryTake(Path.ChangeExtension(part, null));
        if (turn is not null && File.GetLastWriteTimeUtc(part) < before.UtcDateTime)
        {
            FolderOf(part).Delete(part);
        }
    }

    /// <summary>A file becomes a content; it is noted when it is on the disk.</summary>
    private void KeepLarge(string user, string hash, string part, long length, SafeFileHandle handle)
    {
        string file = FileOf(user, hash);
        CountedFolder folder = FolderOf(file);
        folder.Keep(part, file, () => _flushes.Add( // If there is one already, nobody knows of it.
            user, hash, length, handle, () => _index.AddLargeAsync(user, hash, length, _time.GetUtcNow()), () => folder.Delete(file)));
    }

    /// <summary>What an earlier upload has brought.</summary>
    private static async Task HashThereAsync(SafeFileHandle file, ContentSums sums, long length, CancellationToken cancellation)
    {
        byte[] block = new byte[length == 0 ? 0 : BlockSize];
        for (long position = 0; position < length;)
        {
            int count = await RandomAccess.ReadAsync(file, block.AsMemory(0, (int)Math.Min(BlockSize, length - position)), position, cancellation).ConfigureAwait(false);
            sums.Append(block.AsSpan(0, count));
            position += count;
        }
    }

    private string FileOf(string user, string hash)
    {
        // A user's name is no name of a folder on every system.
        string folder = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(user)).AsSpan(0, 16));
        return Path.Combine(_folder, folder, hash);
    }

    private static long LengthOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    private CountedFolder FolderOf(string file) => _folders.GetOrAdd(Path.GetDirectoryName(file)!, static folder => new CountedFolder(folder));

    /// <summary>Whether it is an error of the disk: what the web server throws when a connection breaks is derived from it.</summary>
    private static bool IsOfDisk(Exception e) =>
        e is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException || e.GetType() == typeof(IOException);

    private static void MakePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
