using System.Globalization;
using Drover.Client.Http;

namespace Drover.Client.Transfers;

/// <summary>Fetches files into places of this machine: under a temporary name first, then all at once.</summary>
internal sealed class Download
{
    private const int BlockSize = 1 << 20;

    private readonly JobHandle _job;
    private readonly string _destination;
    private readonly bool _replace;
    private readonly TransferMeter _meter;
    private readonly ApiConnection _connection;

    public Download(JobHandle job, string destination, DownloadOptions options, IProgress<TransferProgress>? progress)
    {
        _job = job;
        _destination = Path.TrimEndingDirectorySeparator(Path.GetFullPath(destination));
        _replace = options.Replace;
        _connection = job.Client.Connection;
        _meter = new TransferMeter(progress, _connection.Options.Time);
    }

    private string Parent => Path.GetDirectoryName(_destination) ?? _destination;

    private string Temporary => Path.Combine(Parent, $".{Path.GetFileName(_destination)}.drover-{_job.Id}-");

    /// <summary>A file or a folder.</summary>
    public async Task<DownloadResult> OneAsync(string path, CancellationToken cancellationToken)
    {
        if (!_replace && Exists(_destination))
        {
            throw new IOException($"{_destination} exists already: name another place, or have it replaced.");
        }

        if (!Directory.Exists(Parent))
        {
            throw new DirectoryNotFoundException($"There is no folder {Parent}.");
        }

        if (path.Length > 0)
        {
            try
            {
                return await FileAsync(path, cancellationToken).ConfigureAwait(false);
            }
            catch (FileNotInJobException noFile)
            {
                try
                {
                    return await FolderAsync(path, cancellationToken).ConfigureAwait(false);
                }
                catch (FileNotInJobException)
                {
                    throw noFile;
                }
            }
        }

        return await FolderAsync(path, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What globs name.</summary>
    public Task<DownloadResult> SomeAsync(IReadOnlyList<string> globs, CancellationToken cancellationToken) =>
        ExtractAsync("", globs, Merge, cancellationToken);

    private async Task<DownloadResult> FileAsync(string path, CancellationToken cancellationToken)
    {
        var part = new PartialFile(Temporary);
        long length;
        FileStream file = part.Open(out string? tag);
        await using (file.ConfigureAwait(false))
        {
            var copy = new FileCopy(_job, path, file, _meter) { Restart = () => file.SetLength(0), TagKnown = part.Keep };
            if (tag is not null)
            {
                await TakeUpAsync(copy, file, tag, cancellationToken).ConfigureAwait(false);
            }

            try
            {
                length = await copy.RunAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not (ServerUnreachableException or OperationCanceledException or RequestRefusedException { Code: "agentAway" }))
            {
                part.Remove(); // It is of no use to a later call.
                throw;
            }
        }

        if (Directory.Exists(_destination))
        {
            part.Remove();
            throw new IOException($"{_destination} is a folder, and is not replaced by a file.");
        }

        File.Move(part.Path, _destination, overwrite: _replace);
        _meter.Completed(1);
        _meter.Finish();
        return new DownloadResult(1, length, [], []);
    }

    /// <summary>What an earlier call has got already.</summary>
    private async Task TakeUpAsync(FileCopy copy, FileStream file, string tag, CancellationToken cancellationToken)
    {
        byte[] block = new byte[BlockSize];
        while (await file.ReadAsync(block, cancellationToken).ConfigureAwait(false) is var count and > 0)
        {
            copy.GoOnBehind(tag, block.AsSpan(0, count));
        }

        _meter.WasThere(file.Position, 0);
    }

    private Task<DownloadResult> FolderAsync(string path, CancellationToken cancellationToken) =>
        ExtractAsync(path, globs: null, Replace, cancellationToken);

    /// <summary>Fetches an archive, lays it out in a temporary folder, and puts that in its place.</summary>
    private async Task<DownloadResult> ExtractAsync(
        string path, IReadOnlyList<string>? globs, Action<string, Extraction> put, CancellationToken cancellationToken)
    {
        string temporary = Temporary + Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        Backoff backoff = _connection.NewBackoff(isPatient: false);
        try
        {
            while (true)
            {
                try
                {
                    Extraction extraction = await TryExtractAsync(new ArchiveRequest(_job, path, globs), temporary, backoff, cancellationToken).ConfigureAwait(false);
                    put(temporary, extraction);
                    _meter.Finish();
                    return new DownloadResult(extraction.Files.Count, extraction.Bytes, extraction.Changed, extraction.Unreadable);
                }
                catch (BrokenBodyException e)
                {
                    ServerUnreachableException error = _connection.Broken(e.InnerException!, maySent: true);
                    _connection.Options.OnRetry?.Invoke(error);
                    if (!await backoff.TryPauseAsync(cancellationToken).ConfigureAwait(false))
                    {
                        throw error;
                    }
                }
            }
        }
        finally
        {
            RemoveFolder(temporary);
        }
    }

    private async Task<Extraction> TryExtractAsync(ArchiveRequest request, string folder, Backoff backoff, CancellationToken cancellationToken)
    {
        (HttpResponseMessage response, DigestedBody body) = await request.OpenAsync(backoff, cancellationToken).ConfigureAwait(false);
        using (response)
        {
            await using (body.ConfigureAwait(false))
            {
                RemoveFolder(folder);
                _meter.Restart();
                _meter.Total = ArchiveRequest.Total(response);
                Directory.CreateDirectory(folder);
                var extraction = new Extraction(folder, _meter);
                await extraction.RunAsync(body, cancellationToken).ConfigureAwait(false);
                return extraction;
            }
        }
    }

    /// <summary>The folder becomes what is at the destination.</summary>
    private void Replace(string temporary, Extraction extraction)
    {
        if (!_replace || !Exists(_destination))
        {
            Directory.Move(temporary, _destination);
            return;
        }

        string old = temporary + ".old";
        if (File.Exists(_destination) || !Directory.Exists(_destination))
        {
            throw new IOException($"{_destination} is a file, and is not replaced by a folder.");
        }

        Directory.Move(_destination, old);
        try
        {
            Directory.Move(temporary, _destination);
        }
        catch
        {
            Directory.Move(old, _destination); // As it was.
            throw;
        }

        RemoveFolder(old);
    }

    /// <summary>Each file gets its place in the folder, unless one of them cannot: then none does.</summary>
    private void Merge(string temporary, Extraction extraction)
    {
        string[] all = [.. extraction.Files, .. extraction.Links.Select(link => link.Path)];
        if (!_replace && all.FirstOrDefault(file => Exists(Path.Combine(_destination, file))) is { } there)
        {
            throw new IOException($"{Path.Combine(_destination, there)} exists already: name another place, or have it replaced.");
        }

        Directory.CreateDirectory(_destination);
        foreach (string folder in extraction.Folders)
        {
            Directory.CreateDirectory(Path.Combine(_destination, folder));
        }

        foreach (string file in extraction.Files)
        {
            string place = Path.Combine(_destination, file);
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Move(Path.Combine(temporary, file), place, overwrite: _replace);
        }

        foreach ((string link, string target) in extraction.Links)
        {
            string place = Path.Combine(_destination, link);
            File.Delete(place);
            File.CreateSymbolicLink(place, target);
        }
    }

    private static bool Exists(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    private static void RemoveFolder(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
