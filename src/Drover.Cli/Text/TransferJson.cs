using System.Globalization;
using System.Text.Json;

namespace Drover.Cli.Text;

/// <summary>What was fetched, as an object for programs: <c>{"path":"…","files":2,"bytes":10,"changed":[],"unreadable":[]}</c>.</summary>
internal static class TransferJson
{
    public static string Of(string path, DownloadResult result)
    {
        return string.Create(
            CultureInfo.InvariantCulture, $$"""{"path":{{Text(path)}},"files":{{result.Files}},"bytes":{{result.Bytes}},"changed":[{{Texts(result.Changed)}}],"unreadable":[{{Texts(result.Unreadable)}}]}""");
    }

    private static string Texts(IEnumerable<string> texts) => string.Join(',', texts.Select(Text));

    private static string Text(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
