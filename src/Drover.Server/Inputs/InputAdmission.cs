namespace Drover.Server.Inputs;

/// <summary>The leave to upload a content or a pack of them, until it is disposed. What is mutable in it is under the lock of its <see cref="InputQuota"/>.</summary>
/// <param name="quota">Who gave it.</param>
/// <param name="user">Whose upload it is.</param>
/// <param name="name">The name of the content; null for a pack.</param>
/// <param name="bytes">How many bytes come; null when that is not known.</param>
internal sealed class InputAdmission(InputQuota quota, string user, string? name, long? bytes) : IDisposable
{
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

    /// <summary>So many bytes are to be written next. Blocks.</summary>
    /// <exception cref="Storage.StorageException">The disk is too full.</exception>
    /// <exception cref="Supervision.RequestRefusedException">The user has too much already.</exception>
    internal void Take(long count) => quota.Take(this, count);

    /// <summary>All of a pack is stored.</summary>
    /// <param name="count">Counts what its contents take.</param>
    internal void Store(Action count) => quota.Store(this, count);

    public void Dispose() => quota.End(this);
}
