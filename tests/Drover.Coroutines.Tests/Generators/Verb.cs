namespace Drover.Coroutines.Tests.Generators;

/// <summary>What the driver does next in a scripted run.</summary>
internal abstract record Verb
{
    private Verb()
    {
    }

    public sealed record Next : Verb;

    public sealed record Send(int Value) : Verb;

    public sealed record Throw(string Message) : Verb;

    public sealed record Close : Verb;
}
