namespace Drover.Server.Supervision;

/// <summary>A client's own name for a request: sent again with the same one, it makes nothing new.</summary>
/// <param name="Text">The key.</param>
/// <param name="RequestHash">The SHA-256 of what is asked for, in hexadecimal.</param>
internal sealed record RequestKey(string Text, string RequestHash);
