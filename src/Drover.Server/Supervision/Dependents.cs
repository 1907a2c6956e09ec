namespace Drover.Server.Supervision;

/// <summary>Those who wait for what becomes of a job or an array. Belongs to the supervision loop.</summary>
internal sealed class Dependents
{
    private readonly HashSet<DependencyWait.Part> _parts = [];

    internal void Add(DependencyWait.Part part) => _parts.Add(part);

    internal void Remove(DependencyWait.Part part) => _parts.Remove(part);

    /// <summary>Something became of it that may matter to them.</summary>
    internal void Tell()
    {
        foreach (DependencyWait.Part part in _parts.ToArray()) // Those for whom it matters leave.
        {
            part.Judge();
        }
    }
}
