namespace Drover.Coroutines;

/// <summary>Whoever follows an open file: see <see cref="Poller.Follow"/>.</summary>
internal interface IFileEvents
{
    /// <summary>The file became ready.</summary>
    /// <param name="isReadable">It can be read, or the end of what can be read is known.</param>
    /// <param name="isWritable">It can be written, or is known to be broken.</param>
    /// <param name="isOver">The other side has hung up, or it is broken: it stays as it is.</param>
    void Changed(bool isReadable, bool isWritable, bool isOver);
}
