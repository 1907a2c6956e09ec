namespace Drover.Coroutines.Tests.Generators;

public sealed class GeneratorSequenceDelegationTests
{
    private readonly List<string> _log = [];

    [Fact]
    public async Task A_sequence_is_yielded_element_by_element()
    {
        var outer = new Generator<int, int, string>(async y =>
        {
            await y.DelegateAsync([1, 2]);
            await y.DelegateAsync(CountAsync(3, 4));
            return "all";
        });

        for (int expected = 1; expected <= 4; expected++)
        {
            Assert.Equal(expected, (await outer.NextAsync()).Yielded);
        }

        Assert.Equal("all", (await outer.NextAsync()).Returned);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Closing_or_throwing_disposes_a_sequence_delegated_to(bool asynchronous)
    {
        foreach (bool close in (bool[])[true, false])
        {
            _log.Clear();
            var outer = new Generator<int, int, string>(async y =>
            {
                await (asynchronous ? y.DelegateAsync(CountAsync(1, 9)) : y.DelegateAsync(Count(1, 9)));
                return "all";
            });
            await outer.NextAsync();

            if (close)
            {
                await outer.CloseAsync();
            }
            else
            {
                await Assert.ThrowsAsync<FormatException>(async () => await outer.ThrowAsync(new FormatException()));
            }

            Assert.Equal(["disposed"], _log);
        }
    }

    private IEnumerable<int> Count(int from, int to)
    {
        try
        {
            for (int i = from; i <= to; i++)
            {
                yield return i;
            }
        }
        finally
        {
            _log.Add("disposed");
        }
    }

    private async IAsyncEnumerable<int> CountAsync(int from, int to)
    {
        try
        {
            for (int i = from; i <= to; i++)
            {
                await Task.Yield();
                yield return i;
            }
        }
        finally
        {
            await Task.Yield();
            _log.Add("disposed");
        }
    }
}
