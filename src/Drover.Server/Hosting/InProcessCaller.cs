namespace Drover.Server.Hosting;

/// <summary>Marks a request that the application itself makes.</summary>
/// <param name="User">As whom.</param>
internal sealed record InProcessCaller(DroverUser User);
