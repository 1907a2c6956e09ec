using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Drover.Agent;

/// <summary>
/// The agent's log: plain lines with the time, the attempt and words; or the same as JSON objects. From any thread.
/// </summary>
/// <param name="writer">Where to.</param>
/// <param name="time">What time it is.</param>
/// <param name="name">The agent's name, when it has one.</param>
/// <param name="isJson">Whether a line is a JSON object.</param>
internal sealed class AgentLog(TextWriter writer, TimeProvider time, string? name = null, bool isJson = false)
{
    /// <summary>The variable that says how it looks: <c>json</c>, or else text.</summary>
    internal const string FormatVariable = "DROVER_LOG_FORMAT";

    private readonly Lock _lock = new();

    /// <summary>What the server calls this agent, <c>user@site</c>, once it has said so.</summary>
    internal string? Agent { get; set; }

    /// <summary>Writes a line about the agent.</summary>
    internal void Write(string text) => WriteLine(attempt: null, text);

    /// <summary>Writes a line about an attempt.</summary>
    internal void Write(AttemptId attempt, string text) => WriteLine(attempt, text);

    private void WriteLine(AttemptId? attempt, string text)
    {
        string at = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        string line = isJson ? Json(at, attempt, text)
            : (attempt?.ToString() ?? name) is { } subject ? $"{at} {subject}: {text}"
            : $"{at} {text}";
        lock (_lock)
        {
            try
            {
                writer.WriteLine(isJson ? line : Printable.OneLine(line));
            }
            catch (IOException)
            {
                // A full disk or a closed terminal must not stop what the agent is for.
            }
        }
    }

    /// <summary>With the names that the server's log uses.</summary>
    private string Json(string at, AttemptId? attempt, string text)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("Timestamp", at);
            json.WriteString("Category", "Drover.Agent");
            json.WriteString("Message", text);
            json.WriteStartObject("State");
            if (attempt is { } id)
            {
                json.WriteString("Job", id.Job.ToString());
                json.WriteNumber("Attempt", id.Number);
            }

            if ((Agent ?? name) is { } agent)
            {
                json.WriteString(nameof(Agent), agent);
                json.WriteString("User", agent[..Math.Max(0, agent.LastIndexOf('@'))]);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
