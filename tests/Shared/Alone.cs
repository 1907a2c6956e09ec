namespace Drover.Testing;

/// <summary>Tests that look at what the whole process has: nothing else runs meanwhile.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
