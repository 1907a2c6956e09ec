using Microsoft.Data.Sqlite;

namespace Drover.Server.Storage;

/// <summary>
/// What a store works with: something that writes and something that reads, in one database. The server's has threads of
/// its own (<see cref="StoreThreads"/>); a simulation's works in virtual time.
/// </summary>
internal interface IStoreEngine : IAsyncDisposable
{
    /// <inheritdoc cref="Store.ServerId"/>
    string ServerId { get; }

    /// <inheritdoc cref="Store.LastJobId"/>
    JobId LastJobId { get; }

    /// <inheritdoc cref="Store.LastEventSequence"/>
    long LastEventSequence { get; }

    /// <inheritdoc cref="Store.Committed"/>
    Action? Committed { get; set; }

    /// <inheritdoc cref="Store.CommitAsync"/>
    Task CommitAsync(IReadOnlyList<Change> changes);

    /// <inheritdoc cref="Store.ReadAsync"/>
    Task<T> ReadAsync<T>(Func<SqliteConnection, T> query);

    /// <inheritdoc cref="Store.LoadUnfinished"/>
    IReadOnlyList<JobRow> LoadUnfinished();
}
