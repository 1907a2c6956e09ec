using Drover.Server.Configuration;
using Drover.Server.Storage;
using Drover.Server.Supervision;

namespace Drover.Server.Inputs;

/// <summary>
/// Whether there is room for an upload: some of the disk stays free for the server's own work, and what a user has uploaded
/// has a bound when one is configured. Any thread.
/// </summary>
/// <remarks>
/// Nobody holds room of the disk that he does not fill: an upload may take days. All may begin that would fit by
/// themselves, and those are broken off that come to the reserve. Of his own quota an upload that says how long it is holds
/// what it has yet to bring, so that it is refused before it is sent, and not in the middle. So an upload of which nothing
/// comes is ended, because nobody else can tell it from one whose client is gone; one that is slow goes on.
/// </remarks>
internal sealed class InputQuota : IDisposable
{
    /// <summary>One timer looks at all uploads, and one of which nothing came at so many looks is ended.</summary>
    private const int Patience = 3;

    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(10);

    /// <summary>After so many bytes of an upload the disk is looked at again.</summary>
    private const long LookedAtAfter = 4 << 20;

    private readonly Lock _lock = new();
    private readonly HashSet<InputAdmission> _admissions = [];
    private readonly InputStore _store;
    private readonly string _folder;
    private readonly InputOptions _options;
    private readonly ITimer _looks;

    internal InputQuota(InputStore store, string folder, InputOptions options, TimeProvider time)
    {
        _store = store;
        _folder = folder;
        _options = options;
        _looks = time.CreateTimer(_ => Look(), null, s_betweenLooks, s_betweenLooks);
    }

    public void Dispose() => _looks.Dispose();

    /// <summary>Makes sure that there is room for an upload. It takes the place of one of the same name, whose connection is broken as a rule.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="name">The name of the content.</param>
    /// <param name="offset">Where the upload begins; what was there is dropped when that is zero.</param>
    /// <param name="bytes">How many bytes come; null when that is not known.</param>
    /// <exception cref="StorageException">The disk is too full.</exception>
    /// <exception cref="RequestRefusedException">The user has too much already.</exception>
    internal Task<InputAdmission> AdmitAsync(string user, string name, long offset, long? bytes) => AdmitAnyAsync(user, name, offset, bytes);

    /// <summary>Makes sure that there is room for contents that come together, of so many bytes.</summary>
    /// <exception cref="StorageException">The disk is too full.</exception>
    /// <exception cref="RequestRefusedException">The user has too much already.</exception>
    internal Task<InputAdmission> AdmitPackAsync(string user, long bytes) => AdmitAnyAsync(user, name: null, offset: 0, bytes);

    /// <summary>So many bytes of an upload are to be written. They count from now on.</summary>
    /// <exception cref="StorageException">The disk is too full.</exception>
    /// <exception cref="RequestRefusedException">The user has too much already.</exception>
    internal void Take(InputAdmission admission, long count)
    {
        if (admission.Came / LookedAtAfter != (admission.Came + count) / LookedAtAfter)
        {
            CheckDisk(count, bytes: null, dropped: 0);
        }

        lock (_lock)
        {
            if (admission.Bytes is null)
            {
                CheckUser(admission.User, name: null, count, bytes: null, dropped: 0);
            }

            admission.Came += count;
            _store.Count(admission.User, count);
        }
    }

    /// <summary>All of a pack is stored: what its contents take counts in place of what it held, at one moment.</summary>
    internal void Store(InputAdmission admission, Action count)
    {
        lock (_lock)
        {
            admission.Came = admission.Bytes ?? admission.Came;
            count();
        }
    }

    /// <summary>An upload is over.</summary>
    internal void End(InputAdmission admission)
    {
        lock (_lock)
        {
            _admissions.Remove(admission);
            admission.Close();
        }
    }

    private void Look()
    {
        lock (_lock)
        {
            foreach (InputAdmission admission in _admissions)
            {
                admission.Look(Patience);
            }
        }
    }

    private async Task<InputAdmission> AdmitAnyAsync(string user, string? name, long offset, long? bytes)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // What follows blocks.
        long dropped = offset == 0 && name is not null ? _store.UnfinishedBytes(user, name) : 0;
        CheckDisk(bytes ?? 1, bytes, dropped);
        await CountAsync(user).ConfigureAwait(false);
        var admission = new InputAdmission(this, user, name, bytes);
        lock (_lock)
        {
            CheckUser(user, name, bytes ?? 1, bytes, dropped);
            _admissions.RemoveWhere(each => each.IsOf(user, name));
            _admissions.Add(admission);
        }

        return admission;
    }

    private Task CountAsync(string user) => _options.Quota is null ? Task.CompletedTask : _store.CountAsync(user);

    /// <summary>Sees that the disk has room for this much.</summary>
    private void CheckDisk(long wanted, long? bytes, long dropped)
    {
        (long free, long reserve) = Disk();
        if (free - reserve < wanted - dropped)
        {
            throw new StorageException(
                StorageFailure.DiskFull,
                $"{Describe(bytes)} does not fit on the server's disk: {Quantities.Bytes(free)} are free there, "
                    + $"and uploads leave {Quantities.Bytes(reserve)} of them to the server ('inputs.reserve'). Ask whoever runs the server to make room; what was uploaded before is kept.");
        }
    }

    /// <summary>Sees that a user may have this much more, besides uploads of this name. Under the lock.</summary>
    private void CheckUser(string user, string? name, long wanted, long? bytes, long dropped)
    {
        if (_options.Quota is not { } quota)
        {
            return;
        }

        long taken = _store.CountedBytes(user) - dropped + _admissions.Where(each => each.User == user && !each.IsOf(user, name)).Sum(each => each.Missing);
        if (quota - taken < wanted)
        {
            throw new RequestRefusedException(
                "quotaExceeded",
                $"{Describe(bytes)} does not fit: {Quantities.Bytes(Math.Max(0, taken))} of the {Quantities.Bytes(quota)} "
                    + $"that each user may have on this server are taken by your inputs. Those that no unfinished job needs are removed {Quantities.Duration(_options.Keep)} after they were last used: "
                    + "upload less, wait, or ask whoever runs the server for a larger 'inputs.quota'.");
        }
    }

    private static string Describe(long? bytes) => bytes is { } known ? $"This upload of {Quantities.Bytes(known)}" : "This upload";

    private (long Free, long Reserve) Disk()
    {
        try
        {
            var disk = new DriveInfo(_folder);
            return (disk.AvailableFreeSpace, _options.Reserve ?? Math.Min(InputOptions.LargestDefaultReserve, disk.TotalSize / 20));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (long.MaxValue, 0); // Nobody can tell: what does not fit fails when it is written.
        }
    }
}
