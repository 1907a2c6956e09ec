using Drover.Cli.Consoles;
using Drover.Cli.Text;

namespace Drover.Cli.Following;

/// <summary>
/// Tells how a job fares while one waits for it: on a terminal in one live line, elsewhere a line for a change, but not
/// before two seconds and not more often than every five.
/// </summary>
internal sealed class ProgressReport(Terminal terminal, TimeProvider time)
{
    private static readonly TimeSpan s_firstLine = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_betweenLines = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly long _started = time.GetTimestamp();
    private long? _lastLine;
    private JobInfo? _job;
    private string _said = "";
    private bool _isOver;

    /// <summary>Shows the job as it is now.</summary>
    public void Show(JobInfo job)
    {
        lock (_lock)
        {
            _job = job;
            Update();
        }
    }

    /// <summary>Says nothing more and takes the live line away.</summary>
    public void End()
    {
        lock (_lock)
        {
            _isOver = true;
            terminal.Live("");
        }
    }

    /// <summary>Keeps it up to date until something else has ended.</summary>
    public async Task TickAsync(Task until)
    {
        using var timer = new PeriodicTimer(s_tick, time);
        Task<bool> tick = timer.WaitForNextTickAsync().AsTask();
        while (await Task.WhenAny(until, tick) == tick && await tick)
        {
            lock (_lock)
            {
                Update();
            }

            tick = timer.WaitForNextTickAsync().AsTask();
        }
    }

    private void Update()
    {
        if (_isOver || _job is null || time.GetElapsedTime(_started) < TimeSpan.FromMilliseconds(300))
        {
            return;
        }

        string news = News(_job, time.GetUtcNow());
        if (terminal.IsErrorTerminal)
        {
            string elapsed = JobText.Whole(TimeSpan.FromSeconds(Math.Floor(JobText.Elapsed(_job, time.GetUtcNow()).TotalSeconds)));
            terminal.Live($"job {_job.Id} {elapsed} · {news}");
        }
        else if (news != _said && IsTimeForALine())
        {
            _said = news;
            _lastLine = time.GetTimestamp();
            terminal.Say($"job {_job.Id}: {news}");
        }
    }

    private bool IsTimeForALine() => _lastLine is { } last
        ? time.GetElapsedTime(last) >= s_betweenLines
        : time.GetElapsedTime(_started) >= s_firstLine;

    private static string News(JobInfo job, DateTimeOffset now)
    {
        string progress = JobText.Progress(job, now);
        string situation = Plain.Escape(job.Situation ?? "");
        return string.Join(" · ", new[] { JobText.State(job), progress, situation }.Where(t => t.Length > 0));
    }
}
