using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Drover.Bench.Orchestration;

/// <summary>The results for programs. A value is null when the peer has none; <c>errors</c> is there when one failed, <c>targets</c> where the metric has some.</summary>
internal static class ResultJson
{
    private static readonly JsonSerializerOptions s_format = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Format(IReadOnlyList<CaseRow> rows, IReadOnlyList<TargetVerdict> verdicts) =>
        new JsonArray([.. rows.Select(row => ToJson(row, verdicts.Where(verdict => verdict.Metric == row.Metric)))]).ToJsonString(s_format);

    private static JsonObject ToJson(CaseRow row, IEnumerable<TargetVerdict> verdicts)
    {
        var results = new JsonObject();
        var errors = new JsonObject();
        foreach (var (peer, result) in row.Results)
        {
            results[peer] = (result as CaseResult.Measured)?.Value;
            if (result is CaseResult.Failed failed)
            {
                errors[peer] = failed.Reason;
            }
        }

        var json = new JsonObject { ["case"] = row.Metric.Name, ["unit"] = row.Metric.Unit, ["results"] = results };
        if (errors.Count > 0)
        {
            json["errors"] = errors;
        }

        var targets = new JsonArray([.. verdicts.Select(each => new JsonObject
        {
            ["mustReach"] = each.MustReach,
            ["found"] = each.Found,
            ["met"] = each.IsMet,
        })]);
        if (targets.Count > 0)
        {
            json["targets"] = targets;
        }

        return json;
    }
}
