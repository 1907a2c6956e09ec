using System.Text.Json.Serialization;

namespace Drover.Protocol.Agents;

/// <summary>Who wants an attempt to stop, why, and how gently.</summary>
/// <param name="By">Who: becomes <see cref="Jobs.Ending.Canceled.By"/>.</param>
/// <param name="Why">The reason they gave, if any. Written also when it is null: it has no default, so it must be there.</param>
/// <param name="GraceSeconds">Seconds between SIGTERM and SIGKILL; zero kills at once.</param>
public sealed record StopOrder(
    string By,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Why,
    double GraceSeconds);
