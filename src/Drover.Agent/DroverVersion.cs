using System.Reflection;

namespace Drover.Agent;

/// <summary>The version of this program.</summary>
internal static class DroverVersion
{
    /// <summary>As in 0.1.0.</summary>
    internal static string Text { get; } =
        typeof(DroverVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
