namespace Drover.Simulation.Tests;

/// <summary>
/// Draws one of several kinds. In most worlds some kinds never come and others come often: so what needs several of the
/// same kind, or needs that another kind does not come between, comes about, too (swarm testing).
/// </summary>
internal sealed class Lots<T>
{
    private readonly World _world;
    private readonly (int Weight, T Kind)[] _kinds;
    private readonly int _sum;

    /// <param name="world">In which world.</param>
    /// <param name="kinds">The kinds, each with how often it comes in a world where all do.</param>
    internal Lots(World world, params IReadOnlyList<(int Weight, T Kind)> kinds)
    {
        _world = world;
        _kinds = [.. kinds.Select(kind => (kind.Weight * (world.IsSwarm ? world.Pick([0, 0, 1, 1, 5]) : 1), kind.Kind))];
        _sum = _kinds.Sum(kind => kind.Weight);
        if (_sum == 0)
        {
            _kinds = [.. kinds];
            _sum = _kinds.Sum(kind => kind.Weight);
        }
    }

    internal T Draw()
    {
        int left = _world.Random.Next(_sum);
        foreach ((int weight, T kind) in _kinds)
        {
            left -= weight;
            if (left < 0)
            {
                return kind;
            }
        }

        throw new System.Diagnostics.UnreachableException();
    }
}
