using Drover.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Drover.Server.Tests.Supervision;

/// <summary>A store whose reads fail for a while.</summary>
internal sealed class FlakyReads(Store store) : IStoreEngine
{
    /// <summary>So many of the next reads do not fail.</summary>
    internal int Passing { get; set; }

    /// <summary>So many of those after them do.</summary>
    internal int Failing { get; set; }

    public string ServerId => store.ServerId;

    public JobId LastJobId => store.LastJobId;

    public long LastEventSequence => store.LastEventSequence;

    public Action? Committed
    {
        get => store.Committed;
        set => store.Committed = value;
    }

    public Task CommitAsync(IReadOnlyList<Change> changes) => store.CommitAsync(changes);

    public Task<T> ReadAsync<T>(Func<SqliteConnection, T> query) => Passing-- <= 0 && Failing-- > 0
        ? Task.FromException<T>(new StorageException(StorageFailure.Other, "The disk does not answer."))
        : store.ReadAsync(query);

    public IReadOnlyList<JobRow> LoadUnfinished() => store.LoadUnfinished();

    public ValueTask DisposeAsync() => store.DisposeAsync();
}
