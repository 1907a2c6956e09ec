using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Drover.Server;

namespace Drover.Guide.Tests.Reference;

/// <summary>Makes docs/guide/configuration.md from the options of the server: their keys, doc comments and defaults.</summary>
internal static class ConfigurationPage
{
    internal const string Path = "docs/guide/configuration.md";

    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture;
    private static readonly Regex s_default = new(@"^(?<meaning>.*?)\s*(Default: (?<default>[^.]+)|(?<default>Required))\.$", Options);
    private static readonly Regex s_duration = new(@"^(?<count>[\d.]+) (?<unit>second|minute|hour|day)s?$", Options);
    private static readonly Assembly s_server = typeof(ServerLaunch).Assembly;

    private static readonly Dictionary<string, string> s_summaries = XDocument
        .Load(System.IO.Path.ChangeExtension(s_server.Location, ".xml"))
        .Descendants("member")
        .ToDictionary(member => member.Attribute("name")!.Value, member => Text(member.Element("summary")));

    /// <summary>The keys with their paths, as in <c>agents.idleMinutes</c>, what they mean, and their defaults.</summary>
    internal static IReadOnlyList<(string Key, string Meaning, string Default)> Keys { get; } =
        [.. Below(s_server.GetType("Drover.Server.Configuration.ServerOptions", throwOnError: true)!, "")];

    internal static string Make()
    {
        var page = new StringBuilder();
        page.Append(
            """
            # Configuration

            A server needs none. What is to be different goes into `drover.yaml` in its data folder (or the file that
            `drover up --config FILE` names; or, in [an application that hosts the server](hosting.md), a section of that one's
            configuration with the same keys). It is read when the server starts. Every mistake in it is named with its line, and the
            server then does not start.

            ## drover.yaml

            | key | what it means | default |
            | --- | --- | --- |

            """);
        foreach ((string key, string meaning, string otherwise) in Keys)
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{key}` | {meaning} | {otherwise} |\n");
        }

        page.Append(
            """

            ## Environment variables

            | variable | read by | what it means | default |
            | --- | --- | --- | --- |

            """);
        foreach (EnvironmentVariable variable in EnvironmentVariable.All)
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{variable.Name}` | {variable.ReadBy} | {variable.Meaning} | {variable.Default} |\n");
        }

        return page.ToString();
    }

    private static IEnumerable<(string Key, string Meaning, string Default)> Below(Type options, string prefix)
    {
        object? defaults = options.GetProperties().Any(p => p.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute)))
            ? null
            : Activator.CreateInstance(options, nonPublic: true);
        foreach (PropertyInfo property in options.GetProperties())
        {
            if (KeyOf(property) is not { } key)
            {
                continue;
            }

            Type type = property.PropertyType;
            string summary = s_summaries[$"P:{options.FullName}.{property.Name}"];
            if (type.Namespace == options.Namespace && !type.IsEnum)
            {
                foreach ((string, string, string) row in Below(type, $"{prefix}{key}."))
                {
                    yield return row;
                }

                continue;
            }

            Match parts = s_default.Match(summary);
            Assert.True(parts.Success, $"The doc comment of {options.Name}.{property.Name} ends with no default: 'Default: ….' or 'Required.'");
            string otherwise = parts.Groups["default"].Value;
            AssertTrue($"{options.Name}.{property.Name}", otherwise, defaults is null ? null : property.GetValue(defaults));
            yield return (prefix + key, parts.Groups["meaning"].Value.TrimEnd('.'), otherwise.ToLowerInvariant());
            if (type.IsGenericType && type.GetGenericArguments()[0].Namespace == options.Namespace)
            {
                foreach ((string, string, string) row in Below(type.GetGenericArguments()[0], $"{prefix}{key}[]."))
                {
                    yield return row;
                }
            }
        }
    }

    /// <summary>The attribute belongs to the server alone, so it is read by its name.</summary>
    private static string? KeyOf(PropertyInfo property) => (string?)property.CustomAttributes
        .SingleOrDefault(attribute => attribute.AttributeType.Name == "YamlKeyAttribute")?.ConstructorArguments[0].Value;

    /// <summary>What the comment says is what holds, as far as that can be compared.</summary>
    private static void AssertTrue(string property, string said, object? value)
    {
        bool isTrue = value switch
        {
            TimeSpan time => Duration(said) == time,
            bool or int or long or double or Enum => string.Equals(
                said, Convert.ToString(value, CultureInfo.InvariantCulture), StringComparison.OrdinalIgnoreCase),
            _ => true,
        };
        Assert.True(isTrue, $"The doc comment of {property} says that its default is '{said}', and it is {value}.");
    }

    private static TimeSpan? Duration(string text)
    {
        Match match = s_duration.Match(text);
        return !match.Success ? null : double.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture) * match.Groups["unit"].Value switch
        {
            "second" => TimeSpan.FromSeconds(1),
            "minute" => TimeSpan.FromMinutes(1),
            "hour" => TimeSpan.FromHours(1),
            _ => TimeSpan.FromDays(1),
        };
    }

    /// <summary>A doc comment as Markdown, in one line.</summary>
    private static string Text(XElement? summary)
    {
        string text = string.Concat(summary?.Nodes().Select(node => node switch
        {
            XText plain => plain.Value,
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement other => other.Value,
            _ => "",
        }) ?? []);
        return string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Replace("|", "\\|", StringComparison.Ordinal);
    }
}
