using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Storage;

/// <summary>
/// The database of a server. Any thread may call; nothing here waits on the caller's thread but <see cref="Open"/> and
/// <see cref="LoadUnfinished"/>.
/// </summary>
/// <remarks>A commit that returned is on disk: it survives the death of the process and of the machine.</remarks>
/// <param name="engine">What does the work; disposed with it.</param>
/// <param name="time">What time it is.</param>
internal sealed class Store(IStoreEngine engine, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Opens the database of a data folder, and makes or migrates it when needed. Blocks.</summary>
    /// <exception cref="StorageException">It cannot be used; nothing was changed then.</exception>
    public static Store Open(string dataFolder, TimeProvider time, ILogger log)
    {
        var database = new Database(new DataFolder(dataFolder).Database);
        try
        {
            return new Store(new StoreThreads(database, time, log), time);
        }
        catch (SqliteException e)
        {
            throw SqliteErrors.Translate(e, database.Path);
        }
    }

    /// <summary>A random word that was made with the database.</summary>
    public string ServerId => engine.ServerId;

    /// <summary>The highest number of a job when the store was opened; zero when there was none.</summary>
    public JobId LastJobId => engine.LastJobId;

    /// <summary>The sequence of the last event on disk.</summary>
    public long LastEventSequence => engine.LastEventSequence;

    /// <summary>Stores changes in their order, all or none; together with what others give meanwhile.</summary>
    /// <returns>Completes when they are on disk. Its continuations do not run on the store's thread.</returns>
    /// <exception cref="StorageException">In the task: nothing of these changes was stored.</exception>
    /// <exception cref="ObjectDisposedException">In the task: the store was closed.</exception>
    public Task CommitAsync(params IReadOnlyList<Change> changes) => engine.CommitAsync(changes);

    /// <summary>
    /// Called after each commit, also of those that were given before it was set, on the thread that writes. Whoever
    /// listens looks at <see cref="LastEventSequence"/>, elsewhere.
    /// </summary>
    public Action? Committed
    {
        get => engine.Committed;
        set => engine.Committed = value;
    }

    /// <summary>
    /// Reads on a thread and a connection of the store's own, in one snapshot. Never waits for writers, nor they for it.
    /// </summary>
    /// <exception cref="StorageException">In the task: it cannot be read.</exception>
    public Task<T> ReadAsync<T>(Func<SqliteConnection, T> query) => engine.ReadAsync(query);

    /// <summary>Every job that has not ended, oldest first. Blocks; for the start.</summary>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public IReadOnlyList<JobRow> LoadUnfinished() => engine.LoadUnfinished();

    /// <summary>A job; null when there is none with this number.</summary>
    public Task<JobRow?> JobAsync(JobId id) => ReadAsync(c => Queries.Job(c, id));

    /// <summary>Jobs, newest first.</summary>
    /// <param name="user">Whose; null for everybody's.</param>
    /// <param name="group">Which.</param>
    /// <param name="array">Only those of this array; null for all.</param>
    /// <param name="before">Only those with smaller numbers; null for the newest.</param>
    /// <param name="limit">At most so many.</param>
    public Task<IReadOnlyList<JobRow>> JobsAsync(string? user, JobGroup group, JobId? array, JobId? before, int limit) =>
        ReadAsync(c => Queries.JobsBefore(c, user, group, array, before, limit));

    /// <summary>A page of jobs.</summary>
    /// <param name="filter">Which, in which order.</param>
    /// <param name="before">After which job it begins; null for the first page.</param>
    /// <param name="limit">At most so many.</param>
    public Task<JobPage> JobsAsync(JobFilter filter, JobId? before, int limit) => ReadAsync(c => JobSearch.Page(c, filter, before, limit));

    /// <summary>What happened to a job, oldest first.</summary>
    public Task<IReadOnlyList<JobEvent>> EventsAsync(JobId job) => ReadAsync(c => Queries.Events(c, job));

    /// <summary>Every attempt of a job, oldest first.</summary>
    public Task<IReadOnlyList<AttemptInfo>> AttemptsAsync(JobId job) => ReadAsync(c => Queries.Attempts(c, job));

    /// <summary>What has become of an array; null when there is none with this number.</summary>
    public async Task<ArrayStanding?> ArrayStandingAsync(JobId id) => (await ReadAsync(c => ArrayQueries.Standings(c, [id]))).SingleOrDefault();

    /// <summary>What has become of the arrays whose jobs have not all ended.</summary>
    public Task<IReadOnlyList<ArrayStanding>> UnfinishedArraysAsync() =>
        ReadAsync(c => ArrayQueries.Standings(c, ArrayQueries.Unfinished(c)));

    /// <summary>How those jobs of an array ended that have: groups, the largest first, with some of each.</summary>
    public Task<IReadOnlyList<ArrayEndingRow>> ArrayEndingsAsync(JobId id, int examples) =>
        ReadAsync(c => ArrayQueries.Endings(c, id, examples));

    /// <summary>What a request with this key was answered with; null when there was none.</summary>
    public Task<AnswerRow?> AnswerAsync(string user, string key) => ReadAsync(c => Queries.Answer(c, user, key));

    /// <summary>All users, by name.</summary>
    public Task<IReadOnlyList<UserRow>> UsersAsync() => ReadAsync(Queries.Users);

    /// <summary>A user; null when there is none of this name.</summary>
    public Task<UserRow?> UserAsync(string name) => ReadAsync(c => Queries.User(c, name));

    /// <summary>A token that is worth something now; null when it is not known, revoked or expired.</summary>
    public Task<TokenRow?> TokenAsync(TokenHash hash) => ReadAsync(c => Queries.Token(c, hash, time.GetUtcNow()));

    /// <inheritdoc cref="Queries.Tokens"/>
    public Task<IReadOnlyList<TokenRow>> TokensAsync(string? user) => ReadAsync(c => Queries.Tokens(c, user, time.GetUtcNow()));

    /// <summary>All agents that are known, by name.</summary>
    public Task<IReadOnlyList<AgentRow>> AgentsAsync() => ReadAsync(Queries.Agents);

    /// <inheritdoc cref="Queries.EventsAfter"/>
    public Task<IReadOnlyList<JobEventRow>> EventsAfterAsync(string? user, JobId? job, long after, long upTo, int limit) =>
        ReadAsync(c => Queries.EventsAfter(c, user, job, after, upTo, limit));

    /// <summary>Stores what was given before, then closes the database. Again: waits for the same.</summary>
    public ValueTask DisposeAsync() => engine.DisposeAsync();
}
