using System.Globalization;
using Drover.Server.Supervision;

namespace Drover.Simulation.Tests;

/// <summary>
/// What has to hold between any two steps of the loop. What takes longer to look at is looked at every so many steps, drawn
/// from the seed; the world's own draws stay as they are, and so the ways that seeds go.
/// </summary>
internal sealed class Invariants(World world)
{
    private const int LeastBetweenLooks = 50;
    private const int MostBetweenLooks = 150;

    /// <summary>At every so many looks, on average, all coroutines are looked at.</summary>
    private const int LooksPerSnapshot = 5;

    /// <summary>Longer than the coroutine of a job needs to end when its end is on disk.</summary>
    private static readonly TimeSpan s_lastSteps = TimeSpan.FromMinutes(2);

    private readonly Random _looks = new(unchecked((int)world.Seed));
    private readonly Dictionary<Site, CpuLine> _cpus = [];
    private readonly Dictionary<LiveArray, LiveJob[]> _placeLines = [];
    private Dictionary<int, DateTimeOffset> _leftOver = [];
    private Supervisor? _server;
    private bool _isOver;
    private int _untilNextLook;

    /// <summary>Looks at everything; a promise that is broken, here or anywhere, ends the world.</summary>
    internal void AfterStep()
    {
        if (_isOver)
        {
            return;
        }

        try
        {
            Check();
        }
        catch (BrokenPromiseException)
        {
            // The world keeps it.
        }

        if (world.Failure is not null)
        {
            _isOver = true;
            world.Group.Cancel("a promise is broken");
        }
    }

    private void Check()
    {
        if (world.Server.Supervisor != _server)
        {
            _server = world.Server.Supervisor;
            _cpus.Clear();
            _placeLines.Clear();
        }

        if (_server is null)
        {
            return;
        }

        foreach (Site site in _server.Agents.Sites)
        {
            CheckCpus(site);
            if (site.RunDirectories is { Used: > 0, KeepsOneWaitingForNothing: true })
            {
                world.Broken($"a job waits for a run directory of site '{site.Name}' that nobody uses");
            }
        }

        foreach (LiveArray array in _server.Arrays)
        {
            CheckPlaces(array);
        }

        if (--_untilNextLook <= 0)
        {
            _untilNextLook = _looks.Next(LeastBetweenLooks, MostBetweenLooks);
            CheckWhatTakesLonger(_server);
        }
    }

    /// <summary>CPUs are free, kept or held by somebody, given to whoever's turn it is, and not kept from anybody.</summary>
    private void CheckCpus(Site site)
    {
        CpuQueue cpus = site.Cpus;
        if (cpus.Waiting > 0 && cpus.KeepsOneWaitingForNothing)
        {
            world.Broken($"{cpus.Free} CPUs of site '{site.Name}' are free, and the next in line does not get them");
        }

        bool isFirstLook = !_cpus.TryGetValue(site, out CpuLine? before);
        before ??= new CpuLine();
        bool isChanged = isFirstLook || cpus.Waiting != before.Waiting.Count || cpus.Holders.Count != before.Holders.Count;
        int held = 0;
        foreach (LiveJob holder in cpus.Holders)
        {
            held += holder.Info.Spec.Cpus;
            if (!before.Holders.Contains(holder))
            {
                isChanged = true;
                CheckTurn(site, holder, before.Waiting);
            }
        }

        if (cpus.Free + held != cpus.Capacity)
        {
            world.Broken($"of {cpus.Capacity} CPUs of site '{site.Name}' {cpus.Free} are free, and jobs hold {held}");
        }

        if (isChanged)
        {
            _cpus[site] = new CpuLine { Holders = [.. cpus.Holders], Waiting = [.. cpus.Waiters] };
        }
    }

    /// <summary>Of one user, higher priority comes first, then the order of submission; a job too large for the site is passed.</summary>
    private void CheckTurn(Site site, LiveJob served, HashSet<LiveJob> waitedBefore)
    {
        LiveJob? passed = site.Cpus.Waiters.FirstOrDefault(other => other.Info.User == served.Info.User && IsBefore(other, served)
            && other.Info.Spec.Cpus <= site.Cpus.Capacity && waitedBefore.Contains(other));
        if (passed is not null && served.Info.State == JobState.Queued)
        {
            world.Broken($"job {served.Id} gets its CPUs out of order: job {passed.Id} waited for them, and comes before it");
        }
    }

    /// <summary>Places of an array are given in the order of its jobs, and as soon as there are any.</summary>
    private void CheckPlaces(LiveArray array)
    {
        ArrayPlaces places = array.Places;
        if (places.KeepsOneWaitingForNothing)
        {
            world.Broken($"{places.Taken} places of array {array.Id} are taken, and the next in line does not get one");
        }

        LiveJob[] before = _placeLines.GetValueOrDefault(array, []);
        if (places.Waiting == before.Length)
        {
            return;
        }

        LiveJob[] now = [.. places.Waiters];
        foreach (LiveJob served in before.Except(now).Where(job => job.Placing is { IsCanceled: false }))
        {
            if (now.Intersect(before).FirstOrDefault(other => IsBefore(other, served)) is { } passed)
            {
                world.Broken($"job {served.Id} gets a place in array {array.Id} out of order: job {passed.Id} waited for one, and comes before it");
            }
        }

        _placeLines[array] = now;
    }

    /// <summary>Said once more here: what the server takes for the order is under test.</summary>
    private static bool IsBefore(LiveJob job, LiveJob other) =>
        (-job.Info.Spec.Priority, job.Id.Value).CompareTo((-other.Info.Spec.Priority, other.Id.Value)) < 0;

    private void CheckWhatTakesLonger(Supervisor server)
    {
        if (server.Agents.Agents.FirstOrDefault(agent => agent.KeepsOneWaitingForNothing) is { } agent)
        {
            world.Broken($"a start or a command at agent '{agent.Name}' waits for nothing: {agent.Held}");
        }

        foreach (Site site in server.Agents.Sites)
        {
            if (site.Cpus.Holders.FirstOrDefault(job => server.Live(job.Id) != job) is { } ended)
            {
                world.Broken($"job {ended.Id} has ended, and holds CPUs of site '{site.Name}'");
            }
        }

        foreach (LiveArray array in server.Arrays)
        {
            if (array.Places.Taken > array.Unfinished.Count())
            {
                world.Broken($"{array.Places.Taken} places of array {array.Id} are taken, and {array.Unfinished.Count()} of its jobs have not ended");
            }
        }

        if (_looks.Next(LooksPerSnapshot) == 0)
        {
            CheckLeftOver();
        }
    }

    /// <summary>The coroutine of a job that is over is over soon.</summary>
    private void CheckLeftOver()
    {
        var leftOver = new Dictionary<int, DateTimeOffset>();
        foreach (CoroutineInfo coroutine in EventLoop.Current.Snapshot())
        {
            if (coroutine.Name.StartsWith("job ", StringComparison.Ordinal)
                && JobId.TryParse(coroutine.Name.AsSpan(4), CultureInfo.InvariantCulture, out JobId job) && world.Trail.IsOver(job))
            {
                DateTimeOffset since = leftOver[coroutine.Id] = _leftOver.GetValueOrDefault(coroutine.Id, World.Now);
                if (World.Now - since > s_lastSteps && world.HasWorkedSince(since))
                {
                    world.Broken($"job {job} is over, and its coroutine waits since {since:HH:mm:ss}: {coroutine.Situation}");
                }
            }
        }

        _leftOver = leftOver;
    }

    /// <summary>The CPUs of a site as they were after the step before.</summary>
    private sealed class CpuLine
    {
        internal HashSet<LiveJob> Holders { get; init; } = [];

        internal HashSet<LiveJob> Waiting { get; init; } = [];
    }
}
