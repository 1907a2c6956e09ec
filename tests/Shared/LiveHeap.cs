using System.Globalization;

namespace Drover.Testing;

/// <summary>
/// Asserts that managed memory stays flat: what is in use after all inputs, by a full collection, is at most a little more
/// than after half of them. For tests that run alone. Says nothing of few inputs, where what is made once counts for
/// more than what adds up.
/// </summary>
/// <param name="inputs">How many there will be.</param>
/// <param name="kept">How many bytes are in use on purpose, at the most; null for none.</param>
internal sealed class LiveHeap(int inputs, Func<long>? kept = null)
{
    private const int Fewest = 1000;

    /// <summary>Pools of buffers fill for a while, and who is just there has some: a few MiB, whatever the number of inputs.</summary>
    private const long Allowed = 8 << 20;

    private readonly int _half = inputs / 2;
    private long? _early;

    /// <summary>The bytes in use.</summary>
    internal static long Bytes()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers(); // What they let go of is free after the next.
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }

    /// <summary>To be called after each input.</summary>
    /// <param name="input">Its number, from 0.</param>
    /// <param name="told">What a failure begins with.</param>
    internal void After(int input, string told)
    {
        if (inputs < Fewest)
        {
            return;
        }

        if (input == _half)
        {
            _early = Bytes() - (kept?.Invoke() ?? 0);
        }
        else if (input == inputs - 1 && _early is { } early)
        {
            long grown = Bytes() - (kept?.Invoke() ?? 0) - early;
            string growth = string.Create(CultureInfo.InvariantCulture, $"{grown} bytes more are in use after {inputs} inputs than after {_half}");
            TestContext.Current.TestOutputHelper?.WriteLine(growth);
            Assert.True(grown < Allowed, $"{told}: {growth}");
        }
    }
}
