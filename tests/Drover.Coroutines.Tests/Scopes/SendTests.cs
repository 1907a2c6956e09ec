namespace Drover.Coroutines.Tests.Scopes;

public sealed class SendTests
{
    [Fact]
    public void Send_from_another_thread_runs_in_the_scope() => Loops.RunInRealTime(async () =>
    {
        await CancelScope.RunAsync(
            async scope =>
            {
                Coroutine here = Coroutine.Current;
                int thread = Environment.CurrentManagedThreadId;
                CancelScope? scopeThere = null;
                Coroutine? there = null;
                int threadThere = 0;
                await Task.Run(() => scope.Send(
                    _ =>
                    {
                        scopeThere = CancelScope.Current;
                        there = Coroutine.Current;
                        threadThere = Environment.CurrentManagedThreadId;
                    },
                    null));
                Assert.Same(scope, scopeThere);
                Assert.Same(here, there);
                Assert.Equal(thread, threadThere);
            },
            name: "of the test");
    });

    [Fact]
    public void What_is_sent_gets_its_state_and_throws_to_the_sender() => Loops.RunInRealTime(async () =>
    {
        CancelScope scope = CancelScope.Current;
        object state = new();
        object? seen = null;
        await Assert.ThrowsAsync<InvalidDataException>(() => Task.Run(() => scope.Send(
            s =>
            {
                seen = s;
                throw new InvalidDataException();
            },
            state)));
        Assert.Same(state, seen);
    });
}
