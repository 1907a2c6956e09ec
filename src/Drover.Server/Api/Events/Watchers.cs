namespace Drover.Server.Api.Events;

/// <summary>Who watches what.</summary>
internal sealed class Watchers
{
    private readonly Dictionary<string, int> _counts = [];
    private readonly Dictionary<JobId, HashSet<EventWatch>> _ofJob = [];
    private readonly Dictionary<string, HashSet<EventWatch>> _ofUser = [];
    private readonly HashSet<EventWatch> _ofAll = [];

    internal bool IsEmpty => _counts.Count == 0;

    internal IEnumerable<EventWatch> All => _ofAll.Concat(_ofUser.Values.SelectMany(set => set)).Concat(_ofJob.Values.SelectMany(set => set));

    /// <summary>How many a user has.</summary>
    internal int CountOf(string caller) => _counts.GetValueOrDefault(caller);

    /// <summary>Those whom an event of a job concerns.</summary>
    internal IEnumerable<EventWatch> Of(JobId job, string user) =>
        _ofAll.Concat(_ofUser.GetValueOrDefault(user) ?? []).Concat(_ofJob.GetValueOrDefault(job) ?? []);

    internal void Add(EventWatch watch)
    {
        _counts[watch.Caller] = CountOf(watch.Caller) + 1;
        HashSet<EventWatch> set = watch.Job is { } job ? SetOf(_ofJob, job) : watch.User is { } user ? SetOf(_ofUser, user) : _ofAll;
        set.Add(watch);
    }

    /// <summary>False when it is not there.</summary>
    internal bool Remove(EventWatch watch)
    {
        bool wasThere = watch.Job is { } job ? Remove(_ofJob, job, watch)
            : watch.User is { } user ? Remove(_ofUser, user, watch)
            : _ofAll.Remove(watch);
        if (wasThere && --_counts[watch.Caller] == 0)
        {
            _counts.Remove(watch.Caller);
        }

        return wasThere;
    }

    private static HashSet<EventWatch> SetOf<TKey>(Dictionary<TKey, HashSet<EventWatch>> sets, TKey key)
        where TKey : notnull
    {
        if (!sets.TryGetValue(key, out HashSet<EventWatch>? set))
        {
            sets.Add(key, set = []);
        }

        return set;
    }

    private static bool Remove<TKey>(Dictionary<TKey, HashSet<EventWatch>> sets, TKey key, EventWatch watch)
        where TKey : notnull
    {
        bool wasThere = sets.TryGetValue(key, out HashSet<EventWatch>? set) && set.Remove(watch);
        if (wasThere && set!.Count == 0)
        {
            sets.Remove(key);
        }

        return wasThere;
    }
}
