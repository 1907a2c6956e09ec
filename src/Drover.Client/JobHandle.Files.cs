using Drover.Client.Http;
using Drover.Client.Transfers;

namespace Drover.Client;

/// <content>The files of the job.</content>
public sealed partial record JobHandle
{
    /// <summary>Lists a folder of the job's run directory, and all below it. Repeatable.</summary>
    /// <param name="path">From the run directory, with slashes; empty for all of it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="FileNotInJobException">There is no such folder.</exception>
    public async Task<FileList> ListFilesAsync(string path = "", CancellationToken cancellationToken = default)
    {
        try
        {
            return await Connection.SendAsync(
                ApiRequest.Get($"{Path}/files?path={Uri.EscapeDataString(path)}"), ClientJson.Tolerant.FileList, cancellationToken);
        }
        catch (RequestRefusedException e) when (e.Status == 404)
        {
            throw await NotFoundAsync(path.Length == 0 ? "run directory" : $"folder '{path}'", e, cancellationToken);
        }
    }

    /// <summary>Whether there is a file or folder of this name in the job's run directory. Repeatable.</summary>
    /// <param name="path">From the run directory, with slashes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<bool> HasFileAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            await Connection.SendForBytesAsync(ApiRequest.Get(FileCopy.PathOf(this, path)) with { Headers = [("Range", "bytes=0-0")] }, cancellationToken);
            return true;
        }
        catch (RequestRefusedException e) when (e.Status is 404 or 409)
        {
            try
            {
                return (await ListFilesAsync(path, cancellationToken)).Directory.Length > 0; // Of a job that never started there is a list of nothing.
            }
            catch (Exception e2) when (e2 is FileNotInJobException or RequestRefusedException { Status: 409 })
            {
                return false;
            }
        }
    }

    /// <summary>
    /// Writes a file of the job's run directory to <paramref name="destination"/>, also while the job runs. When the
    /// connection breaks the copy goes on with the next byte. At the end its checksum is compared with the agent's.
    /// </summary>
    /// <param name="path">From the run directory, with slashes.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="cancellationToken">Ends the copy after what has been written.</param>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="FileNotInJobException">There is no such file.</exception>
    /// <exception cref="DamagedTransferException">What was written is not what the agent sent.</exception>
    /// <exception cref="UnexpectedAnswerException">The connection broke, and the file is not the same any more.</exception>
    /// <exception cref="IOException">The destination cannot be written.</exception>
    public async Task<long> CopyFileAsync(string path, Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(destination);
        var copy = new FileCopy(this, path, destination);
        return await copy.RunAsync(cancellationToken);
    }

    /// <summary>
    /// Fetches a file or folder of the job's run directory, also while the job runs. It is laid out under a temporary name
    /// beside <paramref name="destination"/> and gets its place when it is whole and its checksum is right. When the
    /// connection breaks, a file goes on with the next byte, also in a later call; a folder begins again.
    /// </summary>
    /// <param name="path">From the run directory, with slashes; empty for all of it.</param>
    /// <param name="destination">What it becomes here; the folder around it must be there.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="progress">Told a few times a second, and at the end.</param>
    /// <param name="cancellationToken">
    /// Ends it: what was at the destination is still there. What has come of a file stays beside it, hidden, for a later call.
    /// </param>
    /// <exception cref="FileNotInJobException">There is no such file or folder.</exception>
    /// <exception cref="DamagedTransferException">What came is not what the agent sent.</exception>
    /// <exception cref="IOException">The destination exists, or cannot be written.</exception>
    public Task<DownloadResult> DownloadAsync(
        string path,
        string destination,
        DownloadOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentException.ThrowIfNullOrEmpty(destination);
        return new Download(this, destination, options ?? new DownloadOptions(), progress).OneAsync(path.Trim('/'), cancellationToken);
    }

    /// <summary>
    /// Fetches the files of the job's run directory that globs name, with their paths, into a folder. Otherwise as
    /// <see cref="DownloadAsync(string, string, DownloadOptions?, IProgress{TransferProgress}?, CancellationToken)"/>.
    /// </summary>
    /// <param name="globs">
    /// Paths from the run directory with <c>*</c>, <c>?</c> and <c>[…]</c> within a name, and <c>**</c> for any number of
    /// folders. A folder stands for all that is in it.
    /// </param>
    /// <param name="folder">Where they are put: made when it is not there. Files of other names in it stay.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="progress">Told a few times a second, and at the end.</param>
    /// <param name="cancellationToken">Ends it; nothing was put into the folder then.</param>
    /// <exception cref="FileNotInJobException">No file fits.</exception>
    /// <exception cref="DamagedTransferException">What came is not what the agent sent.</exception>
    /// <exception cref="IOException">A file exists, or cannot be written.</exception>
    public Task<DownloadResult> DownloadAsync(
        IReadOnlyList<string> globs,
        string folder,
        DownloadOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(globs);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return new Download(this, folder, options ?? new DownloadOptions(), progress).SomeAsync(globs, cancellationToken);
    }

    /// <summary>
    /// Writes files of the job's run directory to <paramref name="destination"/> as a tar archive (pax), as they are read;
    /// also while the job runs. Its checksum is compared at the end.
    /// </summary>
    /// <param name="destination">Where to.</param>
    /// <param name="path">A folder in the run directory, with slashes; empty for all of it. Names in the archive are relative to it.</param>
    /// <param name="globs">Which files, from there; null for all.</param>
    /// <param name="cancellationToken">Ends the copy after what has been written.</param>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="FileNotInJobException">There is no such folder, or no file fits.</exception>
    /// <exception cref="DamagedTransferException">What came is not what the agent sent.</exception>
    /// <exception cref="IOException">The destination cannot be written.</exception>
    public Task<long> CopyArchiveAsync(
        Stream destination, string path = "", IReadOnlyList<string>? globs = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return new ArchiveRequest(this, path, globs).CopyAsync(destination, cancellationToken);
    }
}
