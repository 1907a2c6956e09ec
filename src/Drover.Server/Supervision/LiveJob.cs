namespace Drover.Server.Supervision;

/// <summary>A job that has not ended, in memory. Belongs to the supervision loop.</summary>
internal sealed class LiveJob
{
    private const int MostWordsOfAgent = 500;
    private const int MostNews = 64;

    private Event? _changed;
    private Channel<AttemptNews>? _news;
    private AttemptNews? _peeked;
    private bool _cancelIsNews;
    private Func<string?>? _situation;
    private ProgressEstimate? _estimate;
    private Event? _unchanged;
    private Dependents? _dependents;

    internal LiveJob(JobInfo info, string? folder, StopOrder? cancel)
    {
        Info = info;
        QueuedAt = info.SubmittedAt;
        Folder = folder;
        Cancel = cancel;
    }

    /// <summary>What is on disk about it, and how far it says it is.</summary>
    internal JobInfo Info { get; private set; }

    /// <summary>Its number.</summary>
    internal JobId Id => Info.Id;

    /// <summary>Its present attempt.</summary>
    internal AttemptId Attempt => new(Info.Id, Info.Attempt);

    /// <summary>The name of its run directory at the agent.</summary>
    internal string RunDirectory => Info.RunDirectoryName();

    /// <summary>The folder of the agent that it was sent to: only that one's records tell whether it was started.</summary>
    internal string? Folder { get; set; }

    /// <summary>The order to cancel it, once that is on disk.</summary>
    internal StopOrder? Cancel { get; private set; }

    /// <summary>The scope in which it waits for its place; null before and after.</summary>
    internal CancelScope? Waiting { get; set; }

    /// <summary>Where it waits to be followed, or is counted among those in line; null when neither.</summary>
    internal Backlog? Backlog { get; set; }

    /// <summary>Its place among those that nobody follows yet; null when it is followed.</summary>
    internal LinkedListNode<LiveJob>? PlaceInBacklog { get; set; }

    /// <summary>Whether it waits and nobody follows it yet.</summary>
    internal bool IsIdle => PlaceInBacklog is not null;

    /// <summary>The priority as which it is counted among those in line; null when it is not.</summary>
    internal int? PriorityInLine { get; set; }

    /// <summary>The scope in which it takes its place, which a hold cancels; null before and after.</summary>
    internal CancelScope? Placing { get; set; }

    /// <summary>Whether it has its place, and is sent: what was asked for does not change any more.</summary>
    internal bool IsLeaving { get; set; }

    /// <summary>Since when its present attempt waits. After a restart of the server: since it was submitted.</summary>
    internal DateTimeOffset QueuedAt { get; set; }

    /// <summary>When its present attempt was about to be sent; null before, and when the server was started after that.</summary>
    internal DateTimeOffset? DispatchedAt { get; set; }

    /// <summary>How much of its inputs was sent, once they are being sent.</summary>
    internal Inputs.InputsSent? InputsSent { get; set; }

    /// <summary>The array that it belongs to.</summary>
    internal LiveArray? Array { get; init; }

    /// <summary>Those who wait for its end.</summary>
    internal Dependents Dependents => _dependents ??= new Dependents();

    /// <summary>What keeps the server from recording what it knows about the job; null when nothing does.</summary>
    internal string? Trouble { get; set; }

    /// <summary>What keeps its attempt from ending although it was killed, as its agent says; null when nothing does.</summary>
    internal string? AgentsTrouble { get; private set; }

    /// <summary>What it waits for while it is held.</summary>
    internal string HowToRelease => Info.Array is { } element
        ? $"held: `drover release {element.Array}` lets the jobs of the array start"
        : $"held: `drover release {Id}` lets it start";

    /// <summary>What it waits for until the lease is given back; shown as the job's situation.</summary>
    internal void WaitsFor(Func<string?>? situation) => _situation = situation;

    /// <summary>The job as it is shown: with its situation.</summary>
    internal JobInfo Show() => Info with { Situation = Situation };

    /// <summary>What it waits for right now, in words.</summary>
    internal string? Situation => Trouble ?? (PlaceInBacklog is null ? _situation?.Invoke() : Backlog!.Describe(this));

    /// <summary>
    /// The revision after the next change: the time in microseconds, so that it rises also over restarts, although not
    /// every change is stored.
    /// </summary>
    internal long NextRevision(DateTimeOffset now) =>
        Math.Max(Info.Revision + 1, (now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>Takes over what has become known, and wakes whoever waits for a change.</summary>
    internal void Update(JobInfo info)
    {
        JobState before = Info.State;
        Info = info;
        Backlog?.Changed(this);
        if (info.State != before)
        {
            Array?.Moved(this, before);
            if (info.State.IsOver())
            {
                _dependents?.Tell();
            }
        }

        _changed?.Set();
        _changed = null;
    }

    /// <summary>Takes over how far it says it is, and judges from it when it will end.</summary>
    internal void Report(AgentMessage.Progressed progressed, DateTimeOffset now)
    {
        AgentsTrouble = progressed.Trouble is { Length: > MostWordsOfAgent } much ? much[..MostWordsOfAgent] : progressed.Trouble;
        if (progressed.Progress is { Fraction: null, Message: null } && AgentsTrouble is not null)
        {
            Update(Info with { Revision = NextRevision(now) });
            return;
        }

        Progress progress = progressed.Progress;
        if (Info.StartedAt is { } started && _estimate?.StartedAt != started)
        {
            _estimate = new ProgressEstimate(started); // Each attempt goes at its own speed.
        }

        Update(Info with { Progress = progress, EstimatedEndAt = _estimate?.Next(progress), Revision = NextRevision(now) });
    }

    /// <summary>An attempt has ended and the next one waits: nothing of the old one is left.</summary>
    internal void BeginNext(JobInfo info)
    {
        Folder = null;
        AgentsTrouble = null;
        IsLeaving = false;
        Update(info);
    }

    /// <summary>Begins a change of what was asked for: one at a time. Dispose what it returns when it is done.</summary>
    internal async Task<IDisposable> BeginChangeAsync()
    {
        await UnchangedAsync();
        _unchanged = new Event($"change of what job {Id} asks for");
        return new ChangeInProgress(this, _unchanged);
    }

    /// <summary>Waits until no change of what was asked for is on its way to the disk, of the job or of its array.</summary>
    internal async Task UnchangedAsync()
    {
        do
        {
            await OwnChangeAsync();
            await (Array?.UnchangedAsync() ?? ValueTask.CompletedTask);
        }
        while (_unchanged is not null);
    }

    /// <summary>Waits until no change of the job alone is on its way to the disk.</summary>
    internal async ValueTask OwnChangeAsync()
    {
        while (_unchanged is { } end)
        {
            await end.WaitAsync("a change of what it asks for");
        }
    }

    /// <summary>Waits for the next change.</summary>
    internal ValueTask ChangedAsync() => (_changed ??= new Event($"change of job {Id}")).WaitAsync($"a change of job {Id}");

    /// <summary>Gives the order to cancel, which is on disk, to whoever follows the job.</summary>
    internal void RequestCancel(StopOrder order)
    {
        Cancel = order;
        Waiting?.Cancel("the job was canceled");
        _cancelIsNews = _cancelIsNews || Deliver(new AttemptNews.CancelRequested()); // Once is enough: the order is kept above.
    }

    /// <summary>Begins to keep news: the attempt is about to be sent.</summary>
    internal void ListenToNews() => _news ??= new Channel<AttemptNews>(MostNews, $"news of job {Id}");

    /// <summary>
    /// Gives news to the coroutine that follows the attempt. False when nobody listens, as before it is sent, or when
    /// there is more than can be kept.
    /// </summary>
    internal bool Deliver(AttemptNews news) => _news?.TrySend(news) == true;

    /// <summary>Waits for the next news.</summary>
    internal async Task<AttemptNews> NextNewsAsync(string situation)
    {
        AttemptNews news = TakePeeked() ?? await _news!.ReceiveAsync(situation);
        _cancelIsNews &= news is not AttemptNews.CancelRequested;
        return news;
    }

    /// <summary>The next news when it is there already. It stays the next.</summary>
    internal AttemptNews? PeekNews()
    {
        if (_peeked is null && _news!.TryReceive(out AttemptNews? news))
        {
            _peeked = news;
        }

        return _peeked;
    }

    /// <summary>The attempt is over, and its end on disk. Returns the news that nobody will look at any more.</summary>
    internal IReadOnlyList<AttemptNews> EndNews()
    {
        var rest = new List<AttemptNews>();
        while (_news is not null && PeekNews() is not null)
        {
            rest.Add(TakePeeked()!);
        }

        _news = null;
        _cancelIsNews = false;
        return rest;
    }

    private AttemptNews? TakePeeked()
    {
        AttemptNews? news = _peeked;
        _peeked = null;
        return news;
    }

    private sealed class ChangeInProgress(LiveJob job, Event end) : IDisposable
    {
        public void Dispose()
        {
            job._unchanged = null;
            end.Set();
        }
    }
}
