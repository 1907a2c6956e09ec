namespace Drover.Coroutines;

/// <summary>Something that fires at a moment of the loop's clock. It knows its place in the heap, so removal needs no search.</summary>
internal abstract class LoopTimer
{
    /// <summary>The place in the heap, or <see cref="NotSet"/>.</summary>
    internal int HeapIndex = NotSet;

    internal const int NotSet = -1;

    internal bool IsSet => HeapIndex != NotSet;

    /// <summary>The moment has come. Runs on the loop's thread, outside of any coroutine; must not throw.</summary>
    internal abstract void Fire();
}
