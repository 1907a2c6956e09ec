namespace Drover.Server.Tests.Fuzzing;

/// <summary>What looks for memory that adds up finds it.</summary>
[Collection(nameof(Alone))]
public sealed class LiveHeapTests
{
    private const int Inputs = 1000;

    [Fact]
    public void What_adds_up_with_the_inputs_is_seen() =>
        Assert.Contains("bytes more are in use", Record.Exception(() => Take(kept: null))?.Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_kept_on_purpose_is_not_counted()
    {
        long kept = 0;
        Take(() => kept, size => kept += size);
    }

    [Fact]
    public void What_is_let_go_of_is_not_seen()
    {
        var heap = new LiveHeap(Inputs);
        for (int i = 0; i < Inputs; i++)
        {
            _ = new byte[20_000];
            heap.After(i, "nothing is kept");
        }
    }

    private static void Take(Func<long>? kept, Action<int>? keeps = null)
    {
        var all = new List<byte[]>();
        var heap = new LiveHeap(Inputs, kept);
        for (int i = 0; i < Inputs; i++)
        {
            all.Add(new byte[20_000]);
            keeps?.Invoke(all[^1].Length);
            heap.After(i, "all is kept");
        }

        GC.KeepAlive(all);
    }
}
