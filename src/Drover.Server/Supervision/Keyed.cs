namespace Drover.Server.Supervision;

/// <summary>What became of a request that may have an idempotency key.</summary>
/// <param name="Answer">What it was answered with.</param>
/// <param name="IsReplay">Whether that was some time ago: nothing was done now.</param>
internal sealed record Keyed<T>(T Answer, bool IsReplay);
