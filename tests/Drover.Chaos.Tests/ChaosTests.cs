namespace Drover.Chaos.Tests;

/// <summary>
/// A real server, real agents and keepers, real jobs; all of them killed, stopped, cut off and left without disk at random.
/// Afterwards what the jobs have recorded themselves is compared with what Drover says of them.
/// </summary>
public sealed class ChaosTests
{
    private static readonly bool s_isSoak = Environment.GetEnvironmentVariable("DROVER_SOAK") is { Length: > 0 };
    private static readonly int s_jobs = s_isSoak ? 500 : 150;
    private static readonly int s_kills = s_isSoak ? 100 : 15;
    private static readonly TimeSpan s_time = s_isSoak ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(100);

    [Fact(Timeout = 1_500_000)]
    public async Task Nothing_is_lost_or_doubled_and_every_ending_is_true_and_every_byte_is_there()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("DROVER_SEED"), out int given) ? given : Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"chaos begins with seed {seed}");
        var chronicle = new Chronicle();
        await using var setting = new ChaosSetting(new Random(seed), chronicle);
        await setting.StartAsync();
        var user = new User(setting);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        IReadOnlyList<Errand> errands = new Errands(new Random(seed + 1), setting.Drover.Work, ChaosSetting.Sites).Draw(s_jobs);
        Task[] both = [user.RunAsync(errands, 0.9 * s_time, end.Token), new Nemesis(setting, new Random(seed + 2)).RunAsync(s_time, s_kills, end.Token)];
        await foreach (Task first in Task.WhenEach(both))
        {
            if (!first.IsCompletedSuccessfully)
            {
                await end.CancelAsync();
            }

            try
            {
                await first;
            }
            catch (DroverException e)
            {
                Assert.Fail($"seed {seed}: what was asked of Drover had no good answer: {e}\n\n{string.Join("\n", chronicle.Lines)}");
            }
        }

        await setting.CalmAsync();

        IReadOnlyList<string> wrong = await JudgeAsync(setting, user);
        string summary = $"seed {seed}: {user.Accepted.Count} jobs, {chronicle.Acts} acts, {chronicle.Kills} kills, {user.Refused.Count} refused submits";
        TestContext.Current.TestOutputHelper?.WriteLine($"{summary}\n{user.Endings()}\n{string.Join("\n", chronicle.Lines)}");
        Assert.True(wrong.Count == 0, $"{summary}\n\n{string.Join("\n", wrong)}\n\n{string.Join("\n", chronicle.Lines)}");
    }

    private static async Task<IReadOnlyList<string>> JudgeAsync(ChaosSetting setting, User user)
    {
        DroverClient client = setting.Drover.Client;
        var judge = new Judge(setting.Chronicle);
        var wrong = new List<string>();
        foreach ((JobId id, Errand errand) in user.Accepted.OrderBy(pair => pair.Key.Value))
        {
            try
            {
                wrong.AddRange(await JudgeAsync(setting, user, judge, client.Job(id), errand));
            }
            catch (TimeoutException e)
            {
                wrong.Add(e.Message);
                return wrong; // Others may wait for it, and each would be waited for.
            }
            catch (JobNotFoundException)
            {
                // It is not among those that are listed either, see below.
            }
        }

        // Killed once more: what was said stays said.
        await Installation.KillAsync(setting.Server);
        await setting.CalmAsync();
        var listed = new HashSet<JobId>();
        await foreach (JobInfo job in client.ListAllJobsAsync())
        {
            user.Hear(job);
            listed.Add(job.Id);
            if (!user.Accepted.ContainsKey(job.Id) || user.Refused.Contains(job.Name))
            {
                wrong.Add($"job {job.Id} ({job.Name}) was never accepted");
            }
        }

        wrong.AddRange(user.Accepted.Keys.Where(id => !listed.Contains(id)).Select(id => $"job {id} was accepted, and is not there"));
        wrong.AddRange(user.Retold);
        try
        {
            await NothingIsLeftAsync(setting);
        }
        catch (Xunit.Sdk.XunitException e)
        {
            wrong.Add(e.Message);
        }

        return wrong;
    }

    private static async Task<IReadOnlyList<string>> JudgeAsync(ChaosSetting setting, User user, Judge judge, JobHandle job, Errand errand)
    {
        Account account = await Account.TakeAsync(setting, job, errand);
        user.Hear(account.Job);
        var wrong = new List<string>(judge.Find(account));
        if (user.Followed.TryGetValue(job.Id, out Task<byte[]>? followed))
        {
            byte[] heard = await Eventually.EndsAsync(followed, () => $"the log of {job} that is followed");
            if (!heard.AsSpan().SequenceEqual(account.Attempts[^1].Output))
            {
                wrong.Add($"who followed {job} heard {heard.Length} bytes, and it wrote {account.Attempts[^1].Output.Length}");
            }
        }

        return wrong;
    }

    /// <summary>Every slot is given back, every process has ended, and every agent has heard of it.</summary>
    private static async Task NothingIsLeftAsync(ChaosSetting setting)
    {
        DroverClient client = setting.Drover.Client;
        await Eventually.IsTrueAsync(() => setting.Jobs.Count == 0, "the end of the jobs' processes");
        await Eventually.IsTrueAsync(
            async () => (await client.ListAgentsAsync()).All(agent => agent is { IsConnected: true, Attempts: 0 }), "the agents to be connected and without attempts");
        Assert.All(await client.ListSitesAsync(), site => Assert.Equal((5, 5, 0), (site.Cpus, site.FreeCpus, site.Waiting)));
        Assert.Equal(0, (await client.GetServerAsync()).UnfinishedJobs);
    }
}
