namespace Drover.Server.Hosting;

/// <summary>A user of Drover, as the application names them.</summary>
/// <param name="Name">Letters, digits and <c>. - _ @ +</c>, at most 64, the first a letter or digit. Two names are two users.</param>
/// <param name="IsAdmin">Whether they see and cancel everybody's jobs and administer the server, in this request.</param>
public sealed record DroverUser(string Name, bool IsAdmin = false);
