using System.Diagnostics;
using System.Diagnostics.Metrics;
using Drover.Agent.Drivers;
using Span = System.Diagnostics.Activity;

namespace Drover.Agent;

/// <summary>What agents tell as spans and measurements, while somebody listens: the source and the meter "Drover.Agent".</summary>
internal sealed class AgentTelemetry
{
    /// <summary>The source of the agent's spans.</summary>
    internal static readonly ActivitySource Source = new("Drover.Agent", DroverVersion.Text);

    private static readonly Meter s_meter = new("Drover.Agent", DroverVersion.Text);

    private static readonly Counter<long> s_ended = s_meter.CreateCounter<long>(
        "drover.agent.attempts.ended", "{attempt}", "Attempts that ended here, by whether they succeeded.");

    /// <summary>The agent's name, <c>user@site</c>, once the server has said it.</summary>
    internal string? Agent { get; set; }

    /// <summary>
    /// An attempt has ended: its span, from the start of its process. One that an agent finds ended has its span made now,
    /// since the one before may have died before it could; it may then be there twice.
    /// </summary>
    internal void Ended(AttemptRecord record, AttemptEnd end)
    {
        bool succeeded = end.Ending is Ending.Exited { Code: 0 };
        s_ended.Add(1, new KeyValuePair<string, object?>("succeeded", succeeded));
        if (!Source.HasListeners() || record.StartedAt is not { } started
            || !ActivityContext.TryParse(record.TraceParent, null, isRemote: true, out ActivityContext parent))
        {
            return;
        }

        string[] name = Agent?.Split('@') ?? [];
        KeyValuePair<string, object?>[] tags =
        [
            new("drover.job", record.Attempt.Job.ToString()),
            new("drover.attempt", record.Attempt.Number),
            new("drover.user", name.Length > 1 ? string.Join('@', name[..^1]) : null),
            new("drover.site", name.LastOrDefault()),
            new("drover.ending", end.Ending.ToString()),
            new("process.pid", record.ProcessId),
        ];
        using Span? span = Source.StartActivity("run", ActivityKind.Internal, parent, tags, startTime: started);
        span?.SetEndTime((end.At > started ? end.At : started.AddTicks(1)).UtcDateTime);
        if (!succeeded)
        {
            span?.SetStatus(ActivityStatusCode.Error, end.Ending.ToString());
        }
    }
}
