using Drover.Server.Storage;

namespace Drover.Server.Supervision;

/// <summary>
/// Arrays whose jobs have all ended. To count a large one takes a while, and it changes no more: the last ones that
/// somebody asked about are kept. Belongs to the supervision loop.
/// </summary>
internal sealed class EndedArrays(Store store)
{
    private const int Most = 1000;

    private readonly Dictionary<JobId, Task<ArrayStanding?>> _standings = [];
    private readonly Queue<JobId> _oldestFirst = new();

    /// <summary>Keeps one that has just ended.</summary>
    internal void Add(ArrayStanding standing) => Keep(standing.Array.Id, Task.FromResult<ArrayStanding?>(standing));

    /// <summary>What has become of an array; of one with jobs that have not ended as of now; null when there is none.</summary>
    internal async Task<ArrayStanding?> FindAsync(JobId id)
    {
        if (!_standings.TryGetValue(id, out Task<ArrayStanding?>? known))
        {
            Keep(id, known = store.ArrayStandingAsync(id)); // Who asks meanwhile waits for the same answer.
        }

        bool isOver = false;
        try
        {
            ArrayStanding? standing = await known;
            isOver = standing?.IsOver == true;
            return standing;
        }
        finally
        {
            if (!isOver && _standings.GetValueOrDefault(id) == known)
            {
                _standings.Remove(id);
            }
        }
    }

    private void Keep(JobId id, Task<ArrayStanding?> standing)
    {
        if (_standings.TryAdd(id, standing))
        {
            _oldestFirst.Enqueue(id);
        }

        if (_oldestFirst.Count > Most)
        {
            _standings.Remove(_oldestFirst.Dequeue());
        }
    }
}
