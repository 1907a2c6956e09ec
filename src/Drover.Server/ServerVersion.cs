namespace Drover.Server;

/// <summary>The version of this program.</summary>
internal static class ServerVersion
{
    /// <summary>As it is shown.</summary>
    internal static string Text { get; } = typeof(ServerVersion).Assembly.GetName().Version?.ToString(3) ?? "0";
}
