namespace Drover.Client.Scripts;

/// <summary>The options of <c>#DROVER</c> lines: those of <c>drover submit</c> that say something about the job.</summary>
internal static class DroverOptions
{
    private static readonly DirectiveOption[] s_known =
    [
        new("--cpus", 'c', "a whole number from 1", (d, v) => JobWords.Whole(v, 1) is { } n ? d with { Cpus = n } : null),
        new("--memory", 'm', "a size, such as 512M or 2G", (d, v) => Quantities.TryParseBytes(v, out long n) ? d with { MemoryBytes = n } : null),
        new("--time", 't', "a duration, such as 90s, 30m, 2h or 1:00:00", (d, v) => Seconds(v) is { } s ? d with { TimeLimitSeconds = s } : null),
        new("--name", 'n', "a name", (d, v) => d with { Name = v }),
        new("--site", 's', "the name of a site", (d, v) => d with { Site = v }),
        new("--priority", 'p', "a whole number", (d, v) => JobWords.Whole(v, int.MinValue) is { } n ? d with { Priority = n } : null),
        new("--grace", '\0', "a duration, such as 30s", (d, v) => Seconds(v) is { } s ? d with { GraceSeconds = s } : null),
        new("--dir", '\0', "a directory", (d, v) => d with { WorkingDirectory = v }),
        new("--in-run-dir", '\0', null, (d, _) => d with { InRunDirectory = true }),
        new("--run-dir", '\0', "a name", (d, v) => d with { RunDirectory = v }),
        new("--env", 'e', "NAME=VALUE or NAME", (d, v) => v is ['=', ..] or "" ? null : d with { Environment = [.. d.Environment, v] }),
        new("--input", 'i', "PATH or PATH=NAME", (d, v) => v is ['=', ..] or "" ? null : d with { Inputs = [.. d.Inputs, v] }),
        new("--follow-links", '\0', null, (d, _) => d with { FollowLinks = true }),
        new("--array", 'a', "indices, such as 1-1000%50", Array, JobWords.ArrayFault),
        new("--after", '\0', JobWords.AfterForm, (d, v) => JobWords.ParseAfter(v) is { } a ? d with { After = [.. d.After, .. a] } : null),
        new("--retries", '\0', "a whole number from 0", (d, v) => JobWords.Whole(v, 0) is { } n ? d with { Retries = n } : null),
        new("--retry-on", '\0', "endings, such as lost,exit:75", (d, v) => v == "" ? null : d with { RetryOn = v.Split(',') }),
        new("--retry-delay", '\0', "a duration, such as 30s", (d, v) => Seconds(v) is { } s ? d with { RetryDelaySeconds = s } : null),
        new("--hold", '\0', null, (d, _) => d with { Hold = true }),
        new("--pin", '\0', null, (d, _) => d with { Pin = true }),
        new("--force", '\0', null, (d, _) => d with { Reuse = false }),
        new("--reuse", '\0', null, (d, _) => d with { Reuse = true }),
    ];

    /// <summary>All of them; the keys of workflow files are their names.</summary>
    public static IReadOnlyList<DirectiveOption> All => s_known;

    public static ScriptDirectives Read(ScriptDirectives directives, IEnumerable<DirectiveLine> lines, DirectiveNotes notes)
    {
        foreach (DirectiveLine line in lines)
        {
            directives = DirectiveOption.Read(s_known, directives, line, notes, (name, _) => notes.Refuse(
                line.Number,
                name.StartsWith('-') ? $"#DROVER has no option '{name}'; those of `drover submit` are known" : $"'{name}' is no option of #DROVER"));
        }

        return directives;
    }

    internal static ScriptDirectives? Array(ScriptDirectives directives, string text) =>
        ArrayIndices.TryParseOption(text, out string? indices, out int? atOnce, out _) ? directives with { Indices = indices, AtOnce = atOnce } : null;

    private static double? Seconds(string text) => Quantities.TryParseDuration(text, out TimeSpan duration) ? duration.TotalSeconds : null;
}
