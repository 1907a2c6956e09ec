namespace Drover.Server.Inputs;

/// <summary>The leave to upload a content or a pack of them, until it is disposed. What is mutable in it is under the lock of its <see cref="InputQuota"/>.</summary>
/// <param name="quota">Who gave it.</param>
/// <param name="user">Whose upload it is.</param>
/// <param name="name">The name of the content; null for a pack.</param>
/// <param name="bytes">How many bytes come; null when that is not known.</param>
internal sealed class InputAdmission(InputQuota quota, string user, string? name, long? bytes) : IDisposable
{
    private readonly CancellationTokenSource _silence = new();
    private int _waits; // Odd while bytes are waited for: one number tells whether, and whether it is the same wait as before.
    private int _seenWait;
    private int _looks;

    /// <summary>Canceled when nothing has come for long.</summary>
    internal CancellationToken Silence => _silence.Token;

    /// <summary>Whose upload it is.</summary>
    internal string User => user;

    /// <summary>How many bytes come; null when that is not known.</summary>
    internal long? Bytes => bytes;

    /// <summary>How many of them have come.</summary>
    internal long Came { get; set; }

    /// <summary>How many have yet to come, as far as that is known.</summary>
    internal long Missing => Math.Max(0, (bytes ?? 0) - Came);

    /// <summary>Whether it is for a content of this name.</summary>
    internal bool IsOf(string otherUser, string? content) => content is not null && user == otherUser && name == content;

    /// <summary>From now on it is the client that is waited for. By whoever reads the body, and by nobody else.</summary>
    internal void BeginWait() => Volatile.Write(ref _waits, _waits + 1);

    /// <summary>Some of the body has come, or its end.</summary>
    internal void EndWait() => BeginWait();

    /// <summary>Looks whether something came since the last look, and ends an upload of which nothing came for so many.</summary>
    internal void Look(int patience)
    {
        int waits = Volatile.Read(ref _waits);
        _looks = (waits & 1) == 1 && waits == _seenWait ? _looks + 1 : 0;
        _seenWait = waits;
        if (_looks == patience)
        {
            _ = _silence.CancelAsync(); // Its callbacks run elsewhere.
        }
    }

    /// <summary>It is over.</summary>
    internal void Close() => _silence.Dispose();

    /// <summary>So many bytes are to be written next. Blocks.</summary>
    /// <exception cref="Storage.StorageException">The disk is too full.</exception>
    /// <exception cref="Supervision.RequestRefusedException">The user has too much already.</exception>
    internal void Take(long count) => quota.Take(this, count);

    /// <summary>All of a pack is stored.</summary>
    /// <param name="count">Counts what its contents take.</param>
    internal void Store(Action count) => quota.Store(this, count);

    public void Dispose() => quota.End(this);
}
