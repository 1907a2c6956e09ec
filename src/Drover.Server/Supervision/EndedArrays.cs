using Drover.Server.Storage;

namespace Drover.Server.Supervision;

/// <summary>
/// Arrays whose jobs have all ended. To count a large one takes a while, and it changes no more: the last ones that
/// somebody asked about are kept. Belongs to the supervision loop.
/// </summary>
internal sealed class EndedArrays(Store store)
{
    private const int Most = 1000;

    private readonly Dictionary<JobId, ArrayStanding> _standings = [];
    private readonly Dictionary<JobId, Count> _counts = [];
    private readonly Queue<JobId> _oldestFirst = new();

    /// <summary>Keeps one that has just ended.</summary>
    internal void Add(ArrayStanding standing)
    {
        if (_standings.TryAdd(standing.Array.Id, standing))
        {
            _oldestFirst.Enqueue(standing.Array.Id);
        }

        if (_oldestFirst.Count > Most)
        {
            _standings.Remove(_oldestFirst.Dequeue());
        }
    }

    /// <summary>What has become of an array; of one with jobs that have not ended as of now; null when there is none.</summary>
    internal async Task<ArrayStanding?> FindAsync(JobId id)
    {
        while (_counts.TryGetValue(id, out Count? running))
        {
            await running.Over.WaitAsync($"the count of array {id}");
            if (running.IsDone)
            {
                return running.Answer; // Who asks meanwhile waits for the same answer.
            }
        }

        return _standings.GetValueOrDefault(id) ?? await CountAsync(id);
    }

    private async Task<ArrayStanding?> CountAsync(JobId id)
    {
        var count = new Count(new Event($"count of array {id}"));
        _counts.Add(id, count);
        try
        {
            count.Answer = await store.ArrayStandingAsync(id);
            count.IsDone = true;
            if (count.Answer?.IsOver == true)
            {
                Add(count.Answer);
            }

            return count.Answer;
        }
        finally
        {
            _counts.Remove(id);
            count.Over.Set();
        }
    }

    /// <summary>One that is being counted.</summary>
    private sealed class Count(Event over)
    {
        internal Event Over { get; } = over;

        internal bool IsDone { get; set; }

        internal ArrayStanding? Answer { get; set; }
    }
}
