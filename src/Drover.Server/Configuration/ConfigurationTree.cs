using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Drover.Server.Configuration;

/// <summary>Shows an application's configuration as what a file holds; lists there have numbers for keys. It has no lines: they are 0.</summary>
internal static class ConfigurationTree
{
    internal static YamlValue Of(IConfiguration configuration)
    {
        IConfigurationSection[] children = [.. configuration.GetChildren()];
        if (children.Length == 0)
        {
            string? text = (configuration as IConfigurationSection)?.Value;
            return new YamlValue.Scalar(0, text ?? "", string.IsNullOrEmpty(text));
        }

        return children.All(child => int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            ? new YamlValue.Sequence(0, [.. children.Select(Of)])
            : new YamlValue.Mapping(0, [.. children.Select(child => (new YamlValue.Scalar(0, Camel(child.Key), false), Of(child)))]);
    }

    /// <summary>The keys of the file begin with a small letter; those of an application's settings often with a capital one.</summary>
    private static string Camel(string key) => key.Length == 0 ? key : char.ToLowerInvariant(key[0]) + key[1..];
}
