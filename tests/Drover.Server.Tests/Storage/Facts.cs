using Drover.Server.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Server.Tests.Storage;

/// <summary>Changes as supervision makes them, for tests.</summary>
internal static class Facts
{
    internal const string User = "ada";

    internal static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, 123, 456, TimeSpan.Zero);

    internal static readonly Change Ada = new Change.UserAdded(new UserRow { Name = User, IsAdmin = true, CreatedAt = Noon });

    internal static Store Open(string folder) => Store.Open(folder, TimeProvider.System, NullLogger.Instance);

    /// <summary>A store with the user.</summary>
    internal static async Task<Store> OpenWithUserAsync(string folder)
    {
        Store store = Open(folder);
        await store.CommitAsync(Ada);
        return store;
    }

    internal static JobEvent Event(JobEventKind kind, JobState state, string cause = "a test") => new()
    {
        Sequence = 0,
        At = Noon,
        Attempt = 1,
        Kind = kind,
        State = state,
        Actor = User,
        Cause = cause,
    };

    internal static Change.JobSubmitted Submit(long id, string user = User, int priority = 0) => new(
        new JobRow
        {
            Id = new JobId(id),
            User = user,
            Name = "orbits",
            Spec = new JobSpec { Command = ["./simulate", "in.json"], Cpus = 2, Priority = priority },
            SubmittedAt = Noon,
            Revision = 1,
        },
        Event(JobEventKind.Submitted, JobState.Queued));

    internal static Change.JobMoved Dispatch(long id) => Move(id, JobState.Queued, JobState.Starting) with { Agent = "ada@local", Folder = "f00d" };

    internal static Change.JobMoved Start(long id) => Move(id, JobState.Starting, JobState.Running) with { ProcessId = 4711, StartedAt = Noon };

    internal static Change.JobMoved End(long id, JobState from = JobState.Running, int code = 0) =>
        Move(id, from, JobState.Ended) with { End = Ending(new Ending.Exited(code)) };

    internal static AttemptEnd Ending(Ending ending) => new()
    {
        Ending = ending,
        At = Noon.AddSeconds(5),
        Evidence = "the keeper waited for it",
        Usage = new Usage { CpuSeconds = 4.5, MaxMemoryBytes = 1 << 20 },
        ErrorTail = "oops",
    };

    internal static Change.JobMoved Move(long id, JobState from, JobState to) =>
        new(new AttemptId(new JobId(id), 1), from, to, Event(JobEventKind.Started, to))
        {
            Revision = 2,
            End = to == JobState.Ended ? Ending(new Ending.Exited(0)) : null,
        };
}
