namespace Drover.Client.Tests;

/// <summary>Jobs in the stages of their life.</summary>
public static class SomeJobs
{
    public static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    public static JobInfo Queued(long id = 1) => new()
    {
        Id = new JobId(id),
        Name = "orbits",
        User = "ada",
        Spec = new JobSpec { Command = ["./orbits", "in.json"] },
        State = JobState.Queued,
        Situation = "waiting for 4 of 4 CPUs, behind job 17",
        SubmittedAt = Noon,
        Revision = 1,
    };

    public static JobInfo Running(long id = 1) => Queued(id) with
    {
        State = JobState.Running,
        Situation = null,
        StartedAt = Noon.AddSeconds(1),
        Revision = 3,
    };

    public static JobInfo Ended(long id = 1, Ending? ending = null) => Running(id) with
    {
        State = JobState.Ended,
        Revision = 4,
        End = new AttemptEnd
        {
            Ending = ending ?? new Ending.Exited(0),
            At = Noon.AddSeconds(5),
            Evidence = "waitid: exited",
        },
    };
}
