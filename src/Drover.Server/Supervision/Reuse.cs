using System.Security.Cryptography;
using System.Text.Json;

namespace Drover.Server.Supervision;

/// <summary>Which jobs are the same job again, so that the result of one can be given for the other. Pure.</summary>
internal static class Reuse
{
    /// <summary>Whether an earlier result is to be given instead of running it.</summary>
    internal static bool IsWanted(JobSpec spec) => spec.Reuse ?? ShowsWhatItReads(spec);

    /// <summary>
    /// The same for jobs that ask for the same; null when its result is given to nobody. One that was run anew although
    /// there was a result has one: its own result is the latest.
    /// </summary>
    internal static string? Fingerprint(JobSpec spec)
    {
        if (spec.Reuse != true && !ShowsWhatItReads(spec))
        {
            return null;
        }

        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartArray();
            WriteAll(json, spec.Command);
            json.WriteStringValue(spec.Inputs);
            WriteAll(json, (spec.Environment ?? new Dictionary<string, string>())
                .OrderBy(variable => variable.Key, StringComparer.Ordinal).SelectMany(variable => (string[])[variable.Key, variable.Value]));
            json.WriteNumberValue(spec.Cpus); // The job sees them: $DROVER_CPUS.
            json.WriteStringValue(spec.Site);
            json.WriteStringValue(spec.WorkingDirectory);
            json.WriteStringValue(spec.RunDirectory);
            json.WriteEndArray();
        }

        return Convert.ToHexStringLower(SHA256.HashData(text.GetBuffer().AsSpan(0, (int)text.Length)));
    }

    /// <summary>
    /// Whether all that it reads is known: its inputs were declared, and it runs in a run directory of its own, after
    /// nobody.
    /// </summary>
    private static bool ShowsWhatItReads(JobSpec spec) => spec is { Inputs: not null, WorkingDirectory: null, RunDirectory: null, After: null or [] };

    private static void WriteAll(Utf8JsonWriter json, IEnumerable<string> words)
    {
        json.WriteStartArray();
        foreach (string word in words)
        {
            json.WriteStringValue(word);
        }

        json.WriteEndArray();
    }
}
