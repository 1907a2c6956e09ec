namespace Drover.Chaos.Tests;

/// <summary>The judge of the chaos test sees what is wrong: each of these is a lie about one job.</summary>
public sealed class JudgeTests
{
    private const int Process = 4711;
    private static readonly DateTimeOffset s_now = DateTimeOffset.UtcNow;
    private readonly Chronicle _chronicle = new();

    [Fact]
    public void A_true_account_has_nothing_wrong() => Assert.Empty(Judged(Account(JobKind.Plain, new Ending.Exited(0), "begin 4711 1.1", "end 0 1.1")));

    [Theory]
    [InlineData("begin 4711 1.1", "end 3 1.1")] // Another code.
    [InlineData("begin 4711 1.1")] // It never ended.
    [InlineData] // It never ran.
    [InlineData("begin 4711 1.1", "begin 4712 1.1", "end 0 1.1")] // Twice.
    [InlineData("begin 4711 1.1", "end 0 1.1", "begin 4712 1.2", "end 0 1.2")] // Another attempt that nobody knows.
    public void A_success_that_the_diary_does_not_tell_is_seen(params string[] diary) =>
        Assert.NotEmpty(Judged(Account(JobKind.Plain, new Ending.Exited(0), diary)));

    [Fact]
    public void An_ending_by_a_kill_that_nobody_did_is_seen()
    {
        Account account = Account(JobKind.Plain, new Ending.Signaled(9, "SIGKILL"), "begin 4711 1.1");
        Assert.NotEmpty(Judged(account));
        _chronicle.KillsJob("1.1", Process);
        Assert.Empty(Judged(account));
    }

    [Fact]
    public void A_cancel_that_nobody_asked_for_is_seen()
    {
        Account account = Account(JobKind.Plain, new Ending.Canceled("ada"), "begin 4711 1.1");
        Assert.NotEmpty(Judged(account));
        _chronicle.Cancels("job-1");
        Assert.Empty(Judged(account));
    }

    [Fact]
    public void A_loss_without_the_death_of_a_keeper_is_seen()
    {
        Account account = Account(JobKind.Plain, new Ending.Lost("?"), "begin 4711 1.1", "end 0 1.1");
        _chronicle.KillsKeeper("far");
        Assert.NotEmpty(Judged(account));
        _chronicle.KillsKeeper("local");
        Assert.Empty(Judged(account));
    }

    [Fact]
    public void An_attempt_that_runs_on_after_its_end_was_told_is_seen()
    {
        _chronicle.KillsKeeper("local");
        Account account = Account(JobKind.Plain, new Ending.Lost("?"), "begin 4711 1.1", "end 0 1.1");
        DateTimeOffset end = account.Job.End!.At;
        Assert.Empty(Judged(account with { DiaryClosedAt = end }));
        Assert.NotEmpty(Judged(account with { DiaryClosedAt = end.AddMilliseconds(1) }));
    }

    [Fact]
    public void A_start_that_failed_although_it_ran_is_seen()
    {
        _chronicle.Fills("local");
        Ending failed = new Ending.LaunchFailed(LaunchFailure.CannotWrite, "full");
        Assert.Empty(Judged(Account(JobKind.Plain, failed)));
        Assert.NotEmpty(Judged(Account(JobKind.Plain, failed, "begin 4711 1.1")));
    }

    [Theory]
    [InlineData(JobKind.Plain)]
    [InlineData(JobKind.Missing)]
    public void A_time_limit_that_it_did_not_have_is_seen(JobKind kind) =>
        Assert.NotEmpty(Judged(Account(kind, new Ending.TimeLimit(1), "begin 4711 1.1")));

    [Fact]
    public void A_byte_too_few_too_many_or_changed_is_seen()
    {
        Account account = Account(JobKind.Chatty, new Ending.Exited(0), "begin 4711 1.1", "end 0 1.1");
        byte[] output = account.Attempts[0].Output;
        Assert.Empty(Judged(account));
        Assert.NotEmpty(Judged(WithOutput(account, output[..^1])));
        Assert.NotEmpty(Judged(WithOutput(account, [.. output, 0])));
        Assert.NotEmpty(Judged(WithOutput(account, [.. output[..10], (byte)'?', .. output[11..]])));
    }

    [Fact]
    public void An_attempt_too_many_and_two_at_a_time_are_seen()
    {
        Account account = Account(JobKind.Plain, new Ending.Exited(0), "begin 4711 1.1", "end 0 1.1", "begin 4712 1.2", "end 0 1.2");
        AttemptAccount second = account.Attempts[0] with { Info = account.Attempts[0].Info with { Number = 2 } };
        Assert.Contains(Judged(account with { Attempts = [.. account.Attempts, second] }), what => what.Contains("yet another followed"));

        Account mixed = account with
        {
            Attempts = [.. account.Attempts, second],
            Diary = [Line("begin 4711 1.1"), Line("begin 4712 1.2"), Line("end 0 1.1"), Line("end 0 1.2")],
        };
        Assert.Contains(Judged(mixed), what => what.Contains("at the same time"));
    }

    [Fact]
    public void A_trail_that_ends_twice_is_seen()
    {
        Account account = Account(JobKind.Plain, new Ending.Exited(0), "begin 4711 1.1", "end 0 1.1");
        Assert.NotEmpty(Judged(account with { Trail = [.. account.Trail, account.Trail[^1]] }));
    }

    private IReadOnlyList<string> Judged(Account account) => new Judge(_chronicle).Find(account);

    private static Account WithOutput(Account account, byte[] output) =>
        account with { Attempts = [account.Attempts[0] with { Output = output }] };

    private static Account Account(JobKind kind, Ending ending, params string[] diary)
    {
        var spec = new JobSpec { Command = ["sh"], Name = "job-1.1" };
        var errand = new Errand { Name = "job-1", Kind = kind, Spec = spec, At = 0, Pages = kind == JobKind.Chatty ? 2 : 0 };
        var end = new AttemptEnd { Ending = ending, At = s_now.AddMinutes(1), Evidence = "" };
        return new Account
        {
            Errand = errand,
            Job = new JobInfo { Id = new JobId(1), Name = spec.Name, User = "ada", Spec = spec, State = JobState.Ended, SubmittedAt = s_now, End = end },
            Attempts =
            [
                new AttemptAccount(
                    new AttemptInfo { Number = 1, State = JobState.Ended, ProcessId = Process, End = end },
                    Judge.Expected(errand, "1.1", "out"),
                    Judge.Expected(errand, "1.1", "err")),
            ],
            Trail = [Step(JobEventKind.Submitted), Step(JobEventKind.Dispatched), Step(JobEventKind.Started), Step(JobEventKind.Ended)],
            Diary = [.. diary.Select(Line)],
        };
    }

    private static JobEvent Step(JobEventKind kind) =>
        new() { Sequence = (int)kind, At = s_now.AddMinutes(-1), Attempt = 1, Kind = kind, State = JobState.Running, Actor = "", Cause = "" };

    private static DiaryLine Line(string line) => DiaryLine.Parse(line);
}
