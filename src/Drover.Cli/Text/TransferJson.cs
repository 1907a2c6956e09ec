using System.Globalization;
using System.Text.Json;

namespace Drover.Cli.Text;

/// <summary>What was fetched, as an object for programs: <c>{"path":"…","files":2,"bytes":10,"changed":[]}</c>.</summary>
internal static class TransferJson
{
    public static string Of(string path, DownloadResult result)
    {
        string changed = string.Join(',', result.Changed.Select(Text));
        return string.Create(
            CultureInfo.InvariantCulture, $$"""{"path":{{Text(path)}},"files":{{result.Files}},"bytes":{{result.Bytes}},"changed":[{{changed}}]}""");
    }

    private static string Text(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
