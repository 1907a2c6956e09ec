namespace Drover.Server.Supervision;

/// <summary>
/// Lets those who draw a number go on in the order of their numbers, although the disk may answer one before another.
/// Belongs to the supervision loop.
/// </summary>
internal sealed class Succession
{
    private readonly LinkedList<Event> _turns = new();

    /// <summary>Draws the next number; whoever has it disposes it, and the next may go on.</summary>
    internal Turn Draw()
    {
        LinkedListNode<Event> place = _turns.AddLast(new Event("turn"));
        SetFirst();
        return new Turn(this, place);
    }

    private void SetFirst() => _turns.First?.Value.Set();

    internal sealed class Turn(Succession succession, LinkedListNode<Event> place) : IDisposable
    {
        /// <summary>Waits until all who drew before have disposed theirs.</summary>
        internal ValueTask ComeAsync() => place.Value.WaitAsync("what was submitted before");

        public void Dispose()
        {
            succession._turns.Remove(place);
            succession.SetFirst();
        }
    }
}
