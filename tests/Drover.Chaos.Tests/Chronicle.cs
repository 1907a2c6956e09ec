using System.Globalization;

namespace Drover.Chaos.Tests;

/// <summary>What was done to Drover and its jobs, and asked of it: what an ending is judged by, beside the diaries.</summary>
internal sealed class Chronicle
{
    private readonly DateTimeOffset _begun = DateTimeOffset.UtcNow;
    private readonly List<string> _lines = [];
    private readonly List<(string Site, DateTimeOffset At)> _keepersKilled = [];
    private readonly List<(string Site, DateTimeOffset From)> _disksFilled = [];
    private readonly HashSet<(string Attempt, int Process)> _killed = [];
    private readonly HashSet<string> _canceled = [];

    /// <summary>How many processes were killed.</summary>
    internal int Kills { get; private set; }

    /// <summary>How often something was done.</summary>
    internal int Acts { get; private set; }

    internal IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    internal void Note(string what)
    {
        lock (_lines)
        {
            _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{(DateTimeOffset.UtcNow - _begun).TotalSeconds,6:0.0} s  {what}"));
        }
    }

    internal void HasActed(string what)
    {
        Acts++;
        Note(what);
    }

    internal void HasKilled(string what)
    {
        Kills++;
        HasActed($"kill -9 {what}");
    }

    /// <summary>To be called before it is done, so that nothing follows from it earlier.</summary>
    internal void KillsKeeper(string site) => Locked(() => _keepersKilled.Add((site, DateTimeOffset.UtcNow)));

    /// <summary>To be called before it is done, so that nothing follows from it earlier.</summary>
    internal void KillsJob(string attempt, int process) => Locked(() => _killed.Add((attempt, process)));

    /// <summary>To be called before it is done, so that nothing follows from it earlier.</summary>
    internal void Fills(string site) => Locked(() => _disksFilled.Add((site, DateTimeOffset.UtcNow)));

    /// <summary>To be called before it is done, so that nothing follows from it earlier.</summary>
    internal void Cancels(string name) => Locked(() => _canceled.Add(name));

    /// <summary>Whether a keeper of the site was killed in this time.</summary>
    internal bool WasKeeperKilled(string site, DateTimeOffset from, DateTimeOffset to) =>
        Locked(() => _keepersKilled.Exists(kill => kill.Site == site && kill.At >= from && kill.At <= to));

    internal bool WasKilled(string attempt, int process) => Locked(() => _killed.Contains((attempt, process)));

    internal bool WasFilled(string site, DateTimeOffset before) => Locked(() => _disksFilled.Exists(disk => disk.Site == site && disk.From <= before));

    internal bool WasCanceled(string name) => Locked(() => _canceled.Contains(name));

    private T Locked<T>(Func<T> look)
    {
        lock (_lines)
        {
            return look();
        }
    }

    private void Locked(Action write)
    {
        lock (_lines)
        {
            write();
        }
    }
}
