using System.Text;
using System.Text.Json;

namespace Drover.Agent.Drivers.Process;

/// <summary>The file in which a job says how far it is: a JSON object a line, of which the last complete one counts.</summary>
internal static class ProgressFile
{
    private const int ReadAtMost = 8192;
    private const int LongestMessage = 200;

    /// <summary>Reads it; null when there is nothing in it that can be understood.</summary>
    internal static Progress? Read(string path)
    {
        try
        {
            if (new FileInfo(path) is not { Exists: true, Length: > 0 })
            {
                return null;
            }

            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            byte[] bytes = new byte[Math.Min(ReadAtMost, stream.Length)];
            stream.Seek(-bytes.Length, SeekOrigin.End);
            return Parse(bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null; // Gone meanwhile, or no file.
        }
    }

    /// <summary>The last complete line that is a JSON object.</summary>
    internal static Progress? Parse(ReadOnlySpan<byte> end)
    {
        int lineEnd;
        while ((lineEnd = end.LastIndexOf((byte)'\n')) >= 0)
        {
            end = end[..lineEnd];
            if (ParseLine(end[(end.LastIndexOf((byte)'\n') + 1)..]) is { } progress)
            {
                return progress;
            }
        }

        return null;
    }

    private static Progress? ParseLine(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            double? fraction = document.RootElement.TryGetProperty("fraction", out JsonElement number)
                && number.ValueKind == JsonValueKind.Number && number.TryGetDouble(out double value) && double.IsFinite(value)
                ? Math.Clamp(value, 0, 1)
                : null;
            string? message = document.RootElement.TryGetProperty("message", out JsonElement text) && text.ValueKind == JsonValueKind.String
                ? Printable(text.GetString()!)
                : null;
            return fraction is null && message is null ? null : new Progress { Fraction = fraction, Message = message };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // Not JSON, or text that is no Unicode.
        }
    }

    private static string Printable(string message)
    {
        var text = new StringBuilder(Math.Min(message.Length, LongestMessage));
        foreach (Rune rune in message.EnumerateRunes().Where(rune => !Rune.IsControl(rune)))
        {
            if (text.Length + rune.Utf16SequenceLength > LongestMessage)
            {
                break;
            }

            text.Append(rune.ToString());
        }

        return text.ToString();
    }
}
