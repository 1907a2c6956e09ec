using Drover.Coroutines.Testing;
using Drover.Server.Supervision;

namespace Drover.Server.Tests.Supervision;

/// <summary>The order of submission, whoever is woken first. Found by the simulation, seeds 15 and 66.</summary>
public sealed class OrderTests
{
    [Fact]
    public void Whoever_drew_a_number_goes_on_after_all_who_drew_before() => Schedules.Explore(async () =>
    {
        var succession = new Succession();
        var order = new List<int>();
        Succession.Turn[] turns = [succession.Draw(), succession.Draw(), succession.Draw(), succession.Draw()];
        await TaskGroup.RunAsync(group =>
        {
            foreach (int i in (int[])[3, 0, 2])
            {
                group.Start(async () =>
                {
                    using Succession.Turn turn = turns[i];
                    await Coroutine.YieldAsync();
                    await turn.ComeAsync();
                    order.Add(i);
                });
            }

            turns[1].Dispose(); // Its commit failed.
        });
        Assert.Equal([0, 2, 3], order);
    });

    [Fact]
    public void A_shared_run_directory_goes_to_the_job_that_was_submitted_first() => Schedules.Explore(async () =>
    {
        var directories = new RunDirectories();
        LiveJob[] jobs = [Job(1), Job(2), Job(3)];
        foreach (LiveJob job in jobs.Reverse())
        {
            directories.Enter(job);
        }

        var order = new List<long>();
        await TaskGroup.RunAsync(group =>
        {
            foreach (LiveJob job in jobs)
            {
                group.Start(async () =>
                {
                    using IDisposable? use = await directories.AcquireAsync(job);
                    order.Add(job.Id.Value);
                    await Coroutine.SleepAsync(TimeSpan.FromSeconds(1));
                });
            }
        });
        Assert.Equal([1, 2, 3], order);
    });

    [Fact]
    public void A_job_that_leaves_the_line_keeps_nobody_waiting() => Schedules.Explore(async () =>
    {
        var directories = new RunDirectories();
        (LiveJob first, LiveJob second) = (Job(1), Job(2));
        directories.Enter(first);
        directories.Enter(second);
        await TaskGroup.RunAsync(group =>
        {
            group.Start(async () =>
            {
                using IDisposable? use = await directories.AcquireAsync(second);
                Assert.NotNull(use);
            });
            group.Start(async () =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromSeconds(1));
                directories.Leave(first);
            });
        });
    });

    private static LiveJob Job(long id) => new(
        new JobInfo
        {
            Id = new JobId(id),
            Name = "job",
            User = "ada",
            Spec = new JobSpec { Command = ["true"], RunDirectory = "shared" },
            State = JobState.Queued,
            SubmittedAt = DateTimeOffset.UnixEpoch,
        },
        folder: null,
        cancel: null);
}
