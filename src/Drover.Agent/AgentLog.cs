using System.Globalization;

namespace Drover.Agent;

/// <summary>The agent's log: plain lines with the time, the attempt and words. From any thread.</summary>
/// <param name="writer">Where to.</param>
/// <param name="time">What time it is.</param>
/// <param name="name">The agent's name, when it has one.</param>
internal sealed class AgentLog(TextWriter writer, TimeProvider time, string? name = null)
{
    private readonly Lock _lock = new();

    /// <summary>Writes a line about the agent.</summary>
    internal void Write(string text) => WriteLine(name, text);

    /// <summary>Writes a line about an attempt.</summary>
    internal void Write(AttemptId attempt, string text) => WriteLine(attempt.ToString(), text);

    private void WriteLine(string? subject, string text)
    {
        string at = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        string line = subject is null ? $"{at} {text}" : $"{at} {subject}: {text}";
        lock (_lock)
        {
            try
            {
                writer.WriteLine(line.ReplaceLineEndings(" "));
            }
            catch (IOException)
            {
                // A full disk or a closed terminal must not stop what the agent is for.
            }
        }
    }
}
