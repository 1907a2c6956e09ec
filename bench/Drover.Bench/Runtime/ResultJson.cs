using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Drover.Bench.Runtime;

/// <summary>The results for programs. A value is null when the peer has none; <c>errors</c> is there when one failed.</summary>
internal static class ResultJson
{
    private static readonly JsonSerializerOptions s_format = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Format(IReadOnlyList<CaseRow> rows) =>
        new JsonArray([.. rows.Select(ToJson)]).ToJsonString(s_format);

    private static JsonObject ToJson(CaseRow row)
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

        var json = new JsonObject { ["case"] = row.Case.Name, ["unit"] = row.Case.Unit, ["results"] = results };
        if (errors.Count > 0)
        {
            json["errors"] = errors;
        }

        return json;
    }
}
