namespace Drover.Coroutines.Tests.Generators;

/// <summary>A random generator body, as data. It returns the sum of what it is sent.</summary>
internal sealed record Script(IReadOnlyList<Script.Act> Acts)
{
    /// <summary>Makes a script that calls others at most so many levels deep.</summary>
    public static Script Random(Random random, int levels)
    {
        List<Act> acts = [];
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            acts.Add(RandomAct(random, levels));
        }

        return new Script(acts);
    }

    private static Act RandomAct(Random random, int levels) => random.Next(levels > 0 ? 10 : 5) switch
    {
        < 3 => new Yield(random.Next(100)),
        3 => new Pause(),
        4 => random.Next(4) == 0 ? new Fail($"failure {random.Next(100)}") : new Yield(random.Next(100)),
        < 8 => new Call(Random(random, levels - 1)),
        _ => new Guard(
            Random(random, levels - 1),
            random.Next(2) == 0 ? Random(random, levels - 1) : null,
            $"guard {random.Next(100)}"),
    };

    public abstract record Act;

    public sealed record Yield(int Value) : Act;

    /// <summary>Awaits something that is not complete.</summary>
    public sealed record Pause : Act;

    /// <summary>Runs another script: in place, or by delegating to a generator of its own.</summary>
    public sealed record Call(Script Inner) : Act;

    public sealed record Fail(string Message) : Act;

    public sealed record Guard(Script Guarded, Script? Handler, string Name) : Act;
}

internal sealed class ScriptedException(string message) : Exception(message);
