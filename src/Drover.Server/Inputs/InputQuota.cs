using Drover.Server.Configuration;
using Drover.Server.Storage;
using Drover.Server.Supervision;

namespace Drover.Server.Inputs;

/// <summary>
/// Whether there is room for an upload: some of the disk stays free for the server's own work, and what a user has uploaded
/// has a bound when one is configured. Any thread.
/// </summary>
internal sealed class InputQuota(InputStore store, string folder, InputOptions options, TimeProvider time)
{
    /// <summary>So old what was counted may be.</summary>
    private static readonly TimeSpan s_countedAgain = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_countedAgainWhenFull = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, InputUse> _users = new(StringComparer.Ordinal);
    private readonly HashSet<InputAdmission> _admissions = [];

    /// <summary>Makes sure that there is room for an upload. The room is the upload's until the result is disposed.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="name">The name of the content; null when many come together.</param>
    /// <param name="offset">How much of it there is.</param>
    /// <param name="bytes">How many bytes come; null when that is not known.</param>
    /// <exception cref="StorageException">The disk is too full.</exception>
    /// <exception cref="RequestRefusedException">The user has too much already.</exception>
    internal async Task<InputAdmission> AdmitAsync(string user, string? name, long offset, long? bytes)
    {
        if (options.Quota is not { } quota)
        {
            return Admit(user, name, offset, bytes, ofUser: long.MaxValue, use: null);
        }

        InputUse use = UseOf(user);
        long wanted = bytes ?? 1;
        await CountAsync(user, use, s_countedAgain).ConfigureAwait(false);
        if (Left() < wanted)
        {
            await CountAsync(user, use, s_countedAgainWhenFull).ConfigureAwait(false); // Something may be gone.
        }

        lock (_lock)
        {
            return Left() >= wanted
                ? Admit(user, name, offset, bytes, Left(), use)
                : throw new RequestRefusedException(
                    "quotaExceeded",
                    $"{(bytes is null ? "This upload" : $"This upload of {Quantities.Bytes(bytes.Value)}")} does not fit: {Quantities.Bytes(quota - Left())} of the {Quantities.Bytes(quota)} "
                        + $"that each user may have on this server are taken by your inputs. Those that no unfinished job needs are removed {Quantities.Duration(options.Keep)} after they were last used: "
                        + "upload less, wait, or ask whoever runs the server for a larger 'inputs.quota'.");
        }

        long Left()
        {
            lock (_lock)
            {
                return quota - use.Bytes - _admissions.Where(each => each.Use == use).Sum(each => each.Bytes);
            }
        }
    }

    /// <summary>An upload is over. What it may have brought counts until it is counted.</summary>
    internal void End(InputAdmission admission)
    {
        lock (_lock)
        {
            if (_admissions.Remove(admission) && admission.Use is { } use)
            {
                use.SinceCounted += admission.Bytes;
            }
        }
    }

    private InputAdmission Admit(string user, string? name, long offset, long? bytes, long ofUser, InputUse? use)
    {
        lock (_lock)
        {
            (long free, long reserve) = Disk();
            long left = free - reserve - _admissions.Sum(Missing);
            if (left < (bytes ?? 1))
            {
                throw new StorageException(
                    StorageFailure.DiskFull,
                    $"{(bytes is null ? "This upload" : $"This upload of {Quantities.Bytes(bytes.Value)}")} does not fit on the server's disk: {Quantities.Bytes(free)} are free there, "
                        + $"and uploads leave {Quantities.Bytes(reserve)} of them to the server ('inputs.reserve'). Ask whoever runs the server to make room; what was uploaded before is kept.");
            }

            var admission = new InputAdmission(this, use, user, name, offset, bytes, Math.Min(left, ofUser));
            _admissions.Add(admission);
            return admission;
        }
    }

    /// <summary>How much of an upload has yet to come to the disk.</summary>
    private long Missing(InputAdmission admission) => Math.Max(
        0, admission.Bytes - (admission.Name is { } name ? Math.Max(0, store.UnfinishedBytes(admission.User, name) - admission.Offset) : 0));

    private (long Free, long Reserve) Disk()
    {
        try
        {
            var disk = new DriveInfo(folder);
            return (disk.AvailableFreeSpace, options.Reserve ?? Math.Min(InputOptions.LargestDefaultReserve, disk.TotalSize / 20));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (long.MaxValue, 0); // Nobody can tell: what does not fit fails when it is written.
        }
    }

    private InputUse UseOf(string user)
    {
        lock (_lock)
        {
            if (!_users.TryGetValue(user, out InputUse? use))
            {
                _users.Add(user, use = new InputUse());
            }

            return use;
        }
    }

    /// <summary>Counts what there is of a user, unless that was done just now. What comes meanwhile counts by itself.</summary>
    private async Task CountAsync(string user, InputUse use, TimeSpan newEnough)
    {
        await use.Counting.WaitAsync().ConfigureAwait(false);
        try
        {
            Dictionary<string, long> coming;
            lock (_lock)
            {
                if (use.CountedAt is { } at && time.GetUtcNow() - at < newEnough)
                {
                    return;
                }

                coming = _admissions.Where(each => each.Use == use && each.Name is not null).DistinctBy(each => each.Name).ToDictionary(each => each.Name!, each => each.Offset);
                (use.Counted, use.SinceCounted) = (use.Bytes, 0);
            }

            long counted = await store.StoredBytesAsync(user, coming).ConfigureAwait(false);
            lock (_lock)
            {
                (use.Counted, use.CountedAt) = (counted, time.GetUtcNow());
            }
        }
        finally
        {
            use.Counting.Release();
        }
    }
}
