using System.Text.Json;
using System.Text.RegularExpressions;

namespace Drover.Server.Api;

/// <summary>Says what is wrong with JSON in words for those who wrote it: the framework's own name types of this program.</summary>
internal static partial class JsonMistakes
{
    private const RegexOptions Options = RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    /// <summary>The mistake in a sentence.</summary>
    internal static string Explain(JsonException error)
    {
        string message = error.Message;
        string where = error.Path is null or "$" ? "The body" : $"What is at {error.Path} in the body";
        return Unmapped().Match(message) is { Success: true } unmapped ? $"{where} has a member '{unmapped.Groups["name"].Value}', which is not known here: check its spelling."
            : Missing().Match(message) is { Success: true } missing ? $"{where} lacks {missing.Groups["name"].Value}."
            : Null().Match(message) is { Success: true } isNull ? $"{where} is not what is expected: '{isNull.Groups["name"].Value}' must not be null."
            : message.Contains("maximum configured depth", StringComparison.Ordinal) ? "The body is nested deeper than anything that is expected here."
            : TypeName().IsMatch(message) ? $"{where} is not of the kind that is expected there."
            : $"The body is not what is expected here: {message}";
    }

    [GeneratedRegex("^The JSON property '(?<name>.*)' could not be mapped to any \\.NET member", Options, 1000)]
    private static partial Regex Unmapped();

    [GeneratedRegex("^JSON deserialization for type '.*' was missing required properties including: (?<name>.*?)\\.?$", Options, 1000)]
    private static partial Regex Missing();

    [GeneratedRegex("^The (?:property or field|constructor parameter) '(?<name>.*?)' on type .* (?:doesn't|does not|cannot) ", Options, 1000)]
    private static partial Regex Null();

    [GeneratedRegex("\\b(?:System|Drover|Microsoft)\\.\\w", Options, 1000)]
    private static partial Regex TypeName();
}
