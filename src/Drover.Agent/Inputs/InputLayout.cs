using System.Buffers;
using System.Formats.Tar;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Drover.Agent.Drivers;
using Drover.Agent.Keeper;
using Drover.Protocol.Files;
using Microsoft.Win32.SafeHandles;

namespace Drover.Agent.Inputs;

/// <summary>
/// Lays out inputs in a run directory, again as often as it is asked to: what an earlier try left is replaced. Only the
/// manifest says what goes where, after its hash was compared with the one in the order. Nothing is written through a
/// symbolic link, whoever made it. Everything blocks.
/// </summary>
/// <param name="runDirectory">The absolute path of the run directory; made when it is not there.</param>
/// <param name="manifestHash">The SHA-256 of the manifest.</param>
/// <param name="cancellation">Ends it between two blocks.</param>
internal sealed class InputLayout(string runDirectory, string manifestHash, CancellationToken cancellation)
{
    private const int BlockSize = 256 << 10;
    private const int DefaultFolder = 0x1ED; // 0755
    private const int DefaultFile = 0x1A4; // 0644

    private readonly HashSet<string> _folders = new(StringComparer.Ordinal) { "" };

    /// <summary>Lays out what an archive brings.</summary>
    /// <param name="archive">As <see cref="AgentProtocol.InputsPath"/> has it.</param>
    /// <exception cref="DriverException">It cannot be done: the disk is full, something is in the way, or what came is not what was asked for.</exception>
    /// <exception cref="HttpRequestException">The connection broke.</exception>
    internal void Run(Stream archive)
    {
        try
        {
            Make(runDirectory, DefaultFolder);
            using var reader = new TarReader(archive, leaveOpen: true);
            InputManifest manifest = ReadManifest(reader);
            byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
            try
            {
                foreach (InputEntry entry in manifest.Entries)
                {
                    cancellation.ThrowIfCancellationRequested();
                    Add(entry, reader, block);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(block);
            }

            Finish(manifest);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new DriverException($"The server sent something else than its inputs: {e.Message}", inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DriverException($"Its inputs cannot be laid out: {e.Message}", inner: e);
        }
    }

    private InputManifest ReadManifest(TarReader reader)
    {
        TarEntry? first = reader.GetNextEntry();
        if (first?.DataStream is null || first.Length > InputRules.MaxManifestBytes)
        {
            throw new InvalidDataException("its list is missing");
        }

        byte[] json = new byte[first.Length];
        first.DataStream.ReadExactly(json);
        if (Convert.ToHexStringLower(SHA256.HashData(json)) != manifestHash)
        {
            throw new InvalidDataException("its list is another one");
        }

        try
        {
            InputManifest manifest = JsonSerializer.Deserialize(json, ProtocolJson.Default.InputManifest)!;
            return InputRules.FindFault(manifest) is { } fault ? throw new InvalidDataException(fault) : manifest;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"its list cannot be read: {e.Message}", e);
        }
    }

    private void Add(InputEntry entry, TarReader reader, byte[] block)
    {
        switch (entry.Kind)
        {
            case InputKind.Folder:
                AddFolder(entry.Path);
                SetMode(Place(entry.Path), DefaultFolder); // Until all is in it.
                break;
            case InputKind.File:
                AddParent(entry.Path);
                TarEntry? next = reader.GetNextEntry();
                if (next is null || next.Name != entry.Hash)
                {
                    throw new InvalidDataException($"where the content of {InputRules.Show(entry.Path)} should come there is {InputRules.Show(next?.Name ?? "nothing")}");
                }

                Write(entry, next.DataStream ?? Stream.Null, block);
                break;
            default:
                AddParent(entry.Path); // Links come last.
                break;
        }
    }

    /// <summary>Half a file is of no use to anybody, and may be what fills the disk: it does not stay.</summary>
    private void Write(InputEntry entry, Stream content, byte[] block)
    {
        string place = MakeRoom(entry.Path);
        try
        {
            Write(entry, place, content, block);
        }
        catch
        {
            TryDelete(place);
            throw;
        }
    }

    private void Write(InputEntry entry, string place, Stream content, byte[] block)
    {
        using SafeFileHandle file = File.OpenHandle(place, FileMode.CreateNew, FileAccess.Write, FileShare.None); // New: through no link.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long position = 0;
        while (content.Read(block.AsSpan(0, BlockSize)) is var count and > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            RandomAccess.Write(file, block.AsSpan(0, count), position);
            hash.AppendData(block, 0, count);
            position += count;
        }

        if (position != entry.Length || Convert.ToHexStringLower(hash.GetHashAndReset()) != entry.Hash)
        {
            throw new InvalidDataException($"the content of {InputRules.Show(entry.Path)} is not what was uploaded");
        }

        SetMode(place, entry.Mode ?? DefaultFile);
    }

    /// <summary>Links, and then the modes of folders, which may close them: what is in a folder before the folder.</summary>
    private void Finish(InputManifest manifest)
    {
        foreach (InputEntry link in manifest.Entries.Where(entry => entry.Kind == InputKind.Link))
        {
            File.CreateSymbolicLink(MakeRoom(link.Path), link.Target!);
        }

        foreach (InputEntry folder in manifest.Entries.Reverse().Where(entry => entry.Kind == InputKind.Folder))
        {
            SetMode(Place(folder.Path), folder.Mode ?? DefaultFolder);
        }
    }

    private void AddParent(string path)
    {
        int slash = path.LastIndexOf('/');
        AddFolder(slash < 0 ? "" : path[..slash]);
    }

    /// <summary>Sees that there is a folder, and no link to one; what is in its place is removed.</summary>
    private void AddFolder(string path)
    {
        if (!_folders.Add(path))
        {
            return;
        }

        AddParent(path);
        string place = Place(path);
        if (AttributesOf(place) is { } there)
        {
            if (there.HasFlag(FileAttributes.Directory) && !there.HasFlag(FileAttributes.ReparsePoint))
            {
                return;
            }

            File.Delete(place);
        }

        Make(place, DefaultFolder);
    }

    /// <summary>The place of a file or link, where nothing is any more.</summary>
    private string MakeRoom(string path)
    {
        string place = Place(path);
        if (AttributesOf(place) is { } there)
        {
            if (there.HasFlag(FileAttributes.Directory) && !there.HasFlag(FileAttributes.ReparsePoint))
            {
                throw new IOException($"there is a folder where the input {InputRules.Show(path)} belongs.");
            }

            File.Delete(place);
        }

        return place;
    }

    private static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What went wrong before is what matters.
        }
    }

    private static void Make(string folder, int mode)
    {
        if (Libc.mkdir(folder, (uint)mode) != 0 && Marshal.GetLastPInvokeError() is var error and not Libc.EEXIST)
        {
            throw new IOException($"cannot make the folder '{folder}': {Libc.ErrorText(error)}.");
        }
    }

    private static void SetMode(string path, int mode)
    {
        if (Libc.chmod(path, (uint)mode) != 0)
        {
            throw new IOException($"cannot set the permissions of '{path}': {Libc.LastError()}.");
        }
    }

    private string Place(string path) => Path.Combine(runDirectory, path);

    /// <summary>What is there, not what a link leads to; null when there is nothing.</summary>
    private static FileAttributes? AttributesOf(string path)
    {
        try
        {
            return File.GetAttributes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
