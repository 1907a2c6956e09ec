namespace Drover.Coroutines.Tests.Scopes;

public sealed class TokenTests
{
    [Fact]
    public void A_scopes_token_cancels_calls_of_the_framework_and_the_outcome_has_the_scopes_reason() => Loops.RunInRealTime(async () =>
    {
        Outcome outcome = await CancelScope.MoveOnAfterAsync(
            Milliseconds(5), () => Task.Delay(Timeout.InfiniteTimeSpan, CancelScope.Current.Token), "short");
        Assert.Equal("short", Assert.IsType<CancelReason.Deadline>(outcome.Reason).Scope);
        Assert.IsType<ScopeCanceledException>(outcome.Error);
        Assert.IsAssignableFrom<OperationCanceledException>(outcome.Error!.InnerException);
    });

    [Fact]
    public void A_token_of_an_outer_scope_used_inside_an_inner_one_cancels_the_outer() => Loops.RunInRealTime(async () =>
    {
        Outcome outer = await CancelScope.RunAsync(async outerScope =>
        {
            CancellationToken token = outerScope.Token;
            await CancelScope.RunAsync(async _ =>
            {
                outerScope.Cancel("outer");
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            });
            Assert.Fail("The inner scope swallowed the outer's cancellation.");
        });
        Assert.Equal(new CancelReason.Requested("main", "outer"), outer.Reason);
    });

    [Fact]
    public void An_outer_cancellation_cancels_the_inner_scopes_token() => Loops.RunInRealTime(async () =>
    {
        Outcome outer = await CancelScope.MoveOnAfterAsync(Milliseconds(5), async () =>
        {
            await CancelScope.RunAsync(scope => Task.Delay(Timeout.InfiniteTimeSpan, scope.Token));
            Assert.Fail("The inner scope swallowed the outer's cancellation.");
        });
        Assert.IsType<CancelReason.Deadline>(outer.Reason);
    });

    [Fact]
    public void A_library_that_links_the_token_still_gives_the_scopes_reason() => Loops.RunInRealTime(async () =>
    {
        Outcome outcome = await CancelScope.MoveOnAfterAsync(Milliseconds(5), async () =>
        {
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(CancelScope.Current.Token);
            await Task.Delay(Timeout.InfiniteTimeSpan, linked.Token);
        });
        Assert.IsType<CancelReason.Deadline>(outcome.Reason);
    });

    [Fact]
    public void A_token_of_the_codes_own_is_not_absorbed() => Loops.Run(async () =>
    {
        using var own = new CancellationTokenSource();
        await own.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await CancelScope.RunAsync(
            async scope =>
            {
                _ = scope.Token;
                await Coroutine.YieldAsync();
                own.Token.ThrowIfCancellationRequested();
            }));
        Assert.Equal(own.Token, error.CancellationToken);
    });

    [Fact]
    public void The_token_of_a_canceled_scope_is_canceled() => Loops.Run(async () =>
    {
        await CancelScope.RunAsync(scope =>
        {
            CancellationToken before = scope.Token;
            scope.Cancel("stop");
            Assert.True(before.IsCancellationRequested);
            Assert.True(scope.Token.IsCancellationRequested);
            return Task.CompletedTask;
        });
        await CancelScope.RunAsync(scope =>
        {
            scope.Cancel("stop");
            Assert.True(scope.Token.IsCancellationRequested);
            return Task.CompletedTask;
        });
    });

    [Fact]
    public void A_callback_on_the_token_that_throws_is_reported_and_the_loop_goes_on()
    {
        LoopReport report = Assert.Single(Loops.Reports(async () => await CancelScope.RunAsync(async scope =>
        {
            scope.Token.Register(static () => throw new InvalidDataException("bad"));
            scope.Cancel("stop");
            await Coroutine.YieldAsync();
        })));
        var error = Assert.IsType<AggregateException>(Assert.IsType<LoopReport.CallbackFailed>(report).Error);
        Assert.IsType<InvalidDataException>(Assert.Single(error.InnerExceptions));
    }

    [Fact]
    public void A_token_from_outside_cancels_the_scope_and_no_other() => Loops.Run(async () =>
    {
        using var source = new CancellationTokenSource();
        Outcome<int> outcome = await CancelScope.RunAsync(
            async _ =>
            {
                await source.CancelAsync();
                await Coroutine.SleepAsync(Seconds(1));
                return 1;
            },
            cancellationToken: source.Token);
        Assert.Contains("token", outcome.Reason!.ToString(), StringComparison.Ordinal);
        await Coroutine.SleepAsync(Seconds(1));
    });

    [Fact]
    public void A_token_that_is_canceled_already_cancels_the_scope_before_its_first_wait() => Loops.Run(async () =>
    {
        Outcome outcome = await CancelScope.RunAsync(
            async scope =>
            {
                Assert.True(scope.IsCanceled);
                await Coroutine.SleepAsync(Seconds(1));
            },
            cancellationToken: new CancellationToken(canceled: true));
        Assert.True(outcome.IsCanceled);
    });

    [Fact]
    public void A_token_that_is_canceled_after_the_scope_was_left_does_nothing() => Loops.Run(async () =>
    {
        using var source = new CancellationTokenSource();
        CancelScope? left = null;
        await CancelScope.RunAsync(
            scope =>
            {
                left = scope;
                return Task.CompletedTask;
            },
            cancellationToken: source.Token);
        await source.CancelAsync();
        Assert.False(left!.IsCanceled);
    });

    [Fact]
    public void Work_that_ends_with_an_error_while_it_is_canceled_fails() => Loops.Run(async () =>
    {
        await Assert.ThrowsAsync<InvalidDataException>(async () => await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel("stop");
            try
            {
                await Coroutine.YieldAsync();
            }
            catch (OperationCanceledException)
            {
                throw new InvalidDataException("the clean-up failed");
            }
        }));
    });
}
