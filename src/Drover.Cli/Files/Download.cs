using Drover.Cli.Consoles;
using Drover.Cli.Text;

namespace Drover.Cli.Files;

/// <summary>
/// Fetches a file or folder under a temporary name beside its place, and renames it when it is whole. On failure what was
/// there is still there, and nothing else is.
/// </summary>
internal sealed class Download(JobHandle job, Terminal terminal, bool force)
{
    private int _files;
    private long _bytes;

    /// <summary>Fetches it and returns how much that was.</summary>
    public async Task<(int Files, long Bytes)> RunAsync(string path, string target)
    {
        if (!force && Exists(target))
        {
            throw new CliException(ExitCodes.RequestFailed, $"{target} exists: name another place, or replace it with --force.");
        }

        string parent = Path.GetDirectoryName(target)!;
        if (!Directory.Exists(parent))
        {
            throw new CliException(ExitCodes.RequestFailed, $"There is no folder {parent}: make it first.");
        }

        string temporary = Path.Combine(parent, $".{Path.GetFileName(target)}.drover-{Environment.ProcessId}");
        try
        {
            if (await ListAsync(path) is { } list)
            {
                await FetchFolderAsync(path, list, temporary);
            }
            else
            {
                await FetchFileAsync(path, temporary);
            }

            Replace(temporary, target);
        }
        finally
        {
            terminal.Live("");
            Remove(temporary);
        }

        return (_files, _bytes);
    }

    /// <summary>What is in the folder; null when it is a file.</summary>
    private async Task<FileList?> ListAsync(string path)
    {
        try
        {
            FileList list = await job.ListFilesAsync(path);
            return list.Entries is [{ IsDirectory: false } only] && only.Path == path ? null : list;
        }
        catch (Exception e) when (path.Length > 0 && e is FileNotInJobException or RequestRefusedException { Status: 400 })
        {
            return null; // Whether there is such a file shows when it is read.
        }
    }

    private async Task FetchFolderAsync(string path, FileList list, string temporary)
    {
        if (list.IsTruncated)
        {
            throw new CliException(ExitCodes.RequestFailed, "There are more files in it than the server lists: get its folders one by one.");
        }

        Directory.CreateDirectory(temporary);
        string prefix = path.Length == 0 ? "" : path + "/";
        foreach (FileEntry entry in list.Entries)
        {
            string relative = entry.Path.StartsWith(prefix, StringComparison.Ordinal) ? entry.Path[prefix.Length..] : entry.Path;
            string place = Path.GetFullPath(relative, temporary);
            if (!place.StartsWith(temporary + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                throw new CliException(ExitCodes.RequestFailed, $"The server named the file '{Plain.Escape(entry.Path)}', which leads out of the folder; nothing was fetched.");
            }

            if (entry.IsDirectory)
            {
                Directory.CreateDirectory(place);
                continue;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            await FetchFileAsync(entry.Path, place);
        }
    }

    private async Task FetchFileAsync(string path, string place)
    {
        terminal.Live($"getting {Plain.Escape(path)} · {_files} files, {Quantities.Bytes(_bytes)} so far");
        await using var file = new FileStream(place, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write });
        await job.CopyFileAsync(path, file);
        _bytes += file.Length;
        _files++;
    }

    private void Replace(string temporary, string target)
    {
        if (Directory.Exists(temporary))
        {
            if (force && Exists(target))
            {
                string old = temporary + ".old";
                Directory.Move(target, old);
                Directory.Move(temporary, target);
                Remove(old);
            }
            else
            {
                Directory.Move(temporary, target);
            }
        }
        else if (force && Directory.Exists(target))
        {
            throw new CliException(ExitCodes.RequestFailed, $"{target} is a folder, and is not replaced by a file.");
        }
        else
        {
            File.Move(temporary, target, overwrite: force);
        }
    }

    private static bool Exists(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }
}
