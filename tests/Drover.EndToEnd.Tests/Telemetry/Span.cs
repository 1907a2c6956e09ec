namespace Drover.EndToEnd.Tests.Telemetry;

/// <summary>A span that was received; times are nanoseconds since 1970.</summary>
internal sealed record Span(
    string Service, string Name, string Trace, string Id, string Parent, ulong Start, ulong End, IReadOnlyDictionary<string, string> Attributes);
