namespace Drover.Bench.Jobs;

/// <summary>One way to run jobs.</summary>
/// <param name="Cases">The cases that it supports, by name. Each runs on an event loop in a fresh process, once.</param>
/// <param name="WhyMissing">Tells why it cannot run here; null when it can.</param>
internal sealed record JobsPeer(IReadOnlyDictionary<string, Func<Task<Figures>>> Cases, Func<Task<string?>> WhyMissing);
