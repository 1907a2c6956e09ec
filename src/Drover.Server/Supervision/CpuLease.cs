namespace Drover.Server.Supervision;

/// <summary>The right of a job to its CPUs. Disposing it, once or more often, gives them back.</summary>
internal sealed class CpuLease(CpuQueue queue, LiveJob job) : IDisposable
{
    private bool _isOver;

    public void Dispose()
    {
        if (!_isOver)
        {
            _isOver = true;
            queue.Release(job);
        }
    }
}
