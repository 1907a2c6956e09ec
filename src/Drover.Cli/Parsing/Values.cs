using System.CommandLine.Parsing;
using System.Globalization;
using Drover.Client.Scripts;

namespace Drover.Cli.Parsing;

/// <summary>Reads the values of options and arguments; what is wrong with one becomes a sentence.</summary>
internal static class Values
{
    public static JobRef Job(ArgumentResult result) => Jobs(result) is [var job] ? job : default;

    public static JobRef[] Jobs(ArgumentResult result)
    {
        var jobs = new List<JobRef>();
        foreach (Token token in result.Tokens)
        {
            if (JobRef.TryParse(token.Value, null, out JobRef job))
            {
                jobs.Add(job);
            }
            else
            {
                result.AddError($"'{token.Value}' is not the number of a job, such as 17, nor its place in an array, such as 17_3; `drover list` shows them.");
            }
        }

        return [.. jobs.Distinct()];
    }

    public static TimeSpan? Duration(ArgumentResult result)
    {
        if (Quantities.TryParseDuration(result.Tokens[0].Value, out TimeSpan duration))
        {
            return duration;
        }

        result.AddError($"'{result.Tokens[0].Value}' is no duration, such as 90s, 30m, 2h or 1d.");
        return null;
    }

    public static long? Bytes(ArgumentResult result)
    {
        if (Quantities.TryParseBytes(result.Tokens[0].Value, out long bytes))
        {
            return bytes;
        }

        result.AddError($"'{result.Tokens[0].Value}' is no size, such as 512M or 2G.");
        return null;
    }

    public static int? Number(ArgumentResult result)
    {
        if (int.TryParse(result.Tokens[0].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
        {
            return number;
        }

        result.AddError($"'{result.Tokens[0].Value}' is no whole number.");
        return null;
    }

    public static long? LongNumber(ArgumentResult result)
    {
        if (long.TryParse(result.Tokens[0].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
        {
            return number;
        }

        result.AddError($"'{result.Tokens[0].Value}' is no whole number.");
        return null;
    }

    public static string? Array(ArgumentResult result)
    {
        if (JobWords.ArrayFault(result.Tokens[0].Value) is { } fault)
        {
            result.AddError($"--array: {fault}");
        }

        return result.Tokens[0].Value;
    }

    public static ScriptDependency[] After(ArgumentResult result)
    {
        var after = new List<ScriptDependency>();
        foreach (Token token in result.Tokens)
        {
            if (JobWords.ParseAfter(token.Value) is { } jobs)
            {
                after.AddRange(jobs);
            }
            else
            {
                result.AddError($"'{token.Value}' must be {JobWords.AfterForm}.");
            }
        }

        return [.. after];
    }

    /// <summary>Words with commas between them.</summary>
    public static string[] Words(ArgumentResult result) =>
        [.. result.Tokens.SelectMany(t => t.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    public static OutputKind? Stream(ArgumentResult result)
    {
        switch (result.Tokens[0].Value)
        {
            case "stdout" or "out":
                return OutputKind.Output;
            case "stderr" or "err":
                return OutputKind.Error;
            default:
                result.AddError($"'{result.Tokens[0].Value}' is neither stdout nor stderr.");
                return null;
        }
    }
}
