namespace Drover.Coroutines.Tests.Executors;

public sealed class MissingWorkTests
{
    /// <summary>Calls without the work that they are to do.</summary>
    public static TheoryData<string> Calls => new(s_calls.Keys);

    private static readonly Dictionary<string, Action> s_calls = new()
    {
        ["RunAsync of an action"] = static () => _ = Blocking.RunAsync((Action)null!).AsTask(),
        ["RunAsync of a function"] = static () => _ = Blocking.RunAsync((Func<int>)null!).AsTask(),
        ["RunAsync of an action with a token"] = static () => _ = Blocking.RunAsync((Action<CancellationToken>)null!).AsTask(),
        ["RunAsync of a function with a token"] = static () => _ = Blocking.RunAsync((Func<CancellationToken, int>)null!).AsTask(),
        ["MapAsync"] = static () => _ = Blocking.MapAsync([1], (Func<int, int>)null!),
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void Missing_work_is_refused_at_the_call(string call) => Loops.RunInRealTime(() =>
    {
        Assert.Throws<ArgumentNullException>(s_calls[call]);
        return Task.CompletedTask;
    });
}
