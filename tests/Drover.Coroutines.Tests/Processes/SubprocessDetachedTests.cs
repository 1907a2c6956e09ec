using System.Globalization;

namespace Drover.Coroutines.Tests.Processes;

public sealed class SubprocessDetachedTests
{
    private static readonly ProcessSpec s_quiet = new("sleep", "600") { Output = OutputTarget.Null, Error = OutputTarget.Null };

    [Fact]
    public void A_detached_process_outlives_the_program_that_started_it_in_a_session_of_its_own() => EventLoop.Run(async () =>
    {
        ProcessResult starter = await Subprocess.RunAsync(OwnProgram.Spec("start detached"));
        int id = int.Parse(starter.Output, CultureInfo.InvariantCulture);
        using ForeignProcess process = ForeignProcess.TryOpen(id)!;
        string[] stat = Proc.StatOrNull(id)!.Split(' ');
        Assert.Equal([$"{id}", $"{id}"], stat[4..6]);
        Assert.True(Proc.Of(id).Runs);
        Assert.True(process.Signal(UnixSignal.SIGKILL));
        await process.WaitAsync();
    });

    [Fact]
    public void A_detached_process_that_ends_is_reaped() => EventLoop.Run(async () =>
    {
        int id = await Subprocess.StartDetachedAsync(s_quiet with { FileName = "true", Arguments = [] });
        while (Proc.State(id) is not null)
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
        }
    });

    [Fact]
    public void A_detached_process_cannot_have_pipes() => EventLoop.Run(async () =>
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Subprocess.StartDetachedAsync(new ProcessSpec("true")));
        await Assert.ThrowsAsync<ArgumentException>(() => Subprocess.StartDetachedAsync(s_quiet with { Input = InputSource.Pipe }));
    });

    [Fact]
    public void A_detached_process_that_cannot_start_says_why() => EventLoop.Run(async () =>
    {
        var e = await Assert.ThrowsAsync<ProcessStartException>(() => Subprocess.StartDetachedAsync(s_quiet with { FileName = "/no/such" }));
        Assert.Equal(ProcessStartFailure.NoSuchProgram, e.Failure);
    });

    [Fact]
    public void A_wait_for_a_foreign_process_is_canceled_and_can_be_begun_again() => EventLoop.Run(async () =>
    {
        int id = await Subprocess.StartDetachedAsync(s_quiet);
        using ForeignProcess process = ForeignProcess.TryOpen(id)!;
        Outcome outcome = await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(1), () => process.WaitAsync().AsTask());
        Assert.True(outcome.IsCanceled);
        Assert.True(process.Signal(UnixSignal.SIGTERM));
        await process.WaitAsync();
    });

    [Fact]
    public void There_is_no_foreign_process_without_its_number() => EventLoop.Run(async () =>
    {
        int id = 0;
        await Subprocess.RunAsync(new ProcessSpec("true"), process =>
        {
            id = process.Id;
            return Task.CompletedTask;
        });
        Assert.Null(ForeignProcess.TryOpen(id));
    });
}
