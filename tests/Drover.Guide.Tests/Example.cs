using System.Text.RegularExpressions;
using Drover.Coroutines.Testing;
using Drover.Guide.Tests.Examples;

namespace Drover.Guide.Tests;

/// <summary>The code of the documents, ready to run.</summary>
internal static class Example
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static readonly Regex s_thread = new(@"\(thread \d+\)", RegexOptions.NonBacktracking);
    private static readonly Regex s_place = new(@"\(\w+\.cs:\d+\)", RegexOptions.NonBacktracking);

    /// <summary>Every region, by name. Those that are no programs of their own run in virtual time.</summary>
    private static readonly Dictionary<string, Action> s_examples = new()
    {
        ["package"] = Beginning.Package,
        ["hello"] = Beginning.Hello,
        ["counter"] = InVirtualTime(Beginning.Counter),
        ["results"] = InVirtualTime(Groups.Results),
        ["failure"] = InVirtualTime(Groups.Failure),
        ["supervise"] = InVirtualTime(Groups.Supervise),
        ["deadlines"] = InVirtualTime(Scopes.Deadlines),
        ["request"] = InVirtualTime(Scopes.Request),
        ["level"] = InVirtualTime(Scopes.Level),
        ["token"] = InVirtualTime(Scopes.Token),
        ["channel"] = InVirtualTime(Waiting.Channels),
        ["slots"] = InVirtualTime(Waiting.SlotsAndStatistics),
        ["lifetime"] = InVirtualTime(Waiting.Lifetimes),
        ["blocking"] = InVirtualTime(Elsewhere.BlockingWork),
        ["process"] = InVirtualTime(Elsewhere.Processes),
        ["start"] = Elsewhere.OwnThread,
        ["generator"] = InVirtualTime(Elsewhere.Generators),
        ["tree"] = InVirtualTime(Observing.Tree),
        ["virtual-time"] = Observing.VirtualTime,
        ["seeds"] = Observing.Seeds,
        ["configure-await"] = InVirtualTime(Limits.ConfigureAwaitFalse),
        ["when-any"] = InVirtualTime(Limits.WhenAny),
        ["ask"] = InVirtualTime(AskWithDrover.Run),
        ["protocol"] = Packages.Protocol,
        ["ask-dotnet"] = () => AskWithDotNet.Run().Wait(),
    };

    internal static IEnumerable<string> Names => s_examples.Keys;

    /// <summary>Regions that are only compiled here, because they need a server; Drover.Samples.Tests runs nearly all.</summary>
    internal static IReadOnlyList<string> CompiledOnly { get; } =
    [
        "client", "arrays", "hosting", "hosting-users", "hosting-within",
        "sdk-submit", "sdk-inputs", "sdk-watch", "sdk-ending", "sdk-results", "sdk-exec", "sdk-errors",
    ];

    /// <summary>Runs an example and returns what it printed, on a thread of its own and not for ever.</summary>
    internal static string Run(string name)
    {
        TextWriter console = Console.Out;
        using var output = new StringWriter { NewLine = "\n" };
        Exception? failure = null;
        Console.SetOut(output);
        try
        {
            var thread = new Thread(() => failure = FailureOf(s_examples[name])) { IsBackground = true };
            thread.UnsafeStart(); // As a program begins: without a context.
            Assert.True(thread.Join(s_patience), $"'{name}' is not over after {s_patience.TotalSeconds} s.");
        }
        finally
        {
            Console.SetOut(console);
        }

        Assert.Null(failure);
        return output.ToString();
    }

    /// <summary>Takes out what differs from run to run and from edit to edit: numbers of threads, lines of files.</summary>
    internal static string Lasting(string output) =>
        s_place.Replace(s_thread.Replace(output, "(thread …)"), "(…)").TrimEnd('\n');

    private static Action InVirtualTime(Func<Task> body) => () => Schedules.RunInVirtualTime(body);

    private static Exception? FailureOf(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
