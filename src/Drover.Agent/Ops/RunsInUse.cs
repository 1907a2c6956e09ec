namespace Drover.Agent.Ops;

/// <summary>The run directories that ops work in, each as often as there are such ops. Belongs to the agent's loop.</summary>
internal sealed class RunsInUse
{
    private readonly Dictionary<string, int> _counts = [];

    internal bool Contains(string runDirectory) => _counts.ContainsKey(runDirectory);

    internal void Begin(string runDirectory) => _counts[runDirectory] = _counts.GetValueOrDefault(runDirectory) + 1;

    internal void End(string runDirectory)
    {
        if (--_counts[runDirectory] == 0)
        {
            _counts.Remove(runDirectory);
        }
    }
}
