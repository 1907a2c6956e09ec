namespace Drover.Protocol.Tests;

public sealed class ArrayIndicesTests
{
    [Theory]
    [InlineData("0", new[] { 0 })]
    [InlineData("7-9", new[] { 7, 8, 9 })]
    [InlineData("0-90:10", new[] { 0, 10, 20, 30, 40, 50, 60, 70, 80, 90 })]
    [InlineData("0-95:90", new[] { 0, 90 })]
    [InlineData("7-9,1, 3", new[] { 1, 3, 7, 8, 9 })]
    [InlineData("0-8:4,1-9:4", new[] { 0, 1, 4, 5, 8, 9 })]
    [InlineData("5-5", new[] { 5 })]
    [InlineData("2147483646", new[] { 2147483646 })]
    [InlineData("2147483645-2147483646", new[] { 2147483645, 2147483646 })]
    [InlineData("0-2147483646:2147483646", new[] { 0, 2147483646 })]
    public void Indices_are_read_and_rise(string text, int[] expected)
    {
        Assert.True(ArrayIndices.TryParse(text, out int[]? indices, out string? fault), fault);
        Assert.Equal(expected, indices);
    }

    [Theory]
    [InlineData(null, "no indices")]
    [InlineData("", "no indices")]
    [InlineData(" ", "no indices")]
    [InlineData(",", "nothing between")]
    [InlineData("1,", "nothing between")]
    [InlineData("1,,2", "nothing between")]
    [InlineData("-1", "not negative")]
    [InlineData("1--5", "not negative")]
    [InlineData("-5--1", "not negative")]
    [InlineData("5-1", "backwards")]
    [InlineData("1,1", "index 1 is in '1,1' twice")]
    [InlineData("1-5,3", "index 3 is in '1-5,3' twice")]
    [InlineData("0-8:2,4-9:3", "index 4 is in")]
    [InlineData("1-10:0", "the step of a range is at least 1")]
    [InlineData("1-10:-1", "write them as")]
    [InlineData("7:2", "only a range has one")]
    [InlineData("2147483647", "they go up to 2147483646")]
    [InlineData("99999999999999999999", "they go up to")]
    [InlineData("0-100000", "These are 100001 indices or more; an array has at most 100000.")]
    [InlineData("0-2147483646", "at most 100000")]
    [InlineData("1-100000,200000", "These are 100001 indices")]
    [InlineData("1-1000%50", "no part of the indices")]
    [InlineData("x", "'x' is no index")]
    [InlineData("1-", "'1-' is no index")]
    [InlineData("1-2-3", "'1-2-3' is no index")]
    [InlineData("1;2", "'1;2' is no index")]
    [InlineData("0x1", "'0x1' is no index")]
    [InlineData("1.5", "'1.5' is no index")]
    [InlineData("+1", "'+1' is no index")]
    [InlineData("1 2", "'1 2' is no index")]
    [InlineData("١", "'١' is no index")]
    public void What_are_no_indices_is_refused_in_a_sentence(string? text, string words)
    {
        Assert.False(ArrayIndices.TryParse(text, out int[]? indices, out string? fault));
        Assert.Null(indices);
        Assert.Contains(words, fault, StringComparison.Ordinal);
        Assert.EndsWith(".", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_mistake_is_shown_shortened()
    {
        Assert.False(ArrayIndices.TryParse(new string('x', 100_000), out _, out string? fault));
        Assert.True(fault.Length < 200);
    }

    [Fact]
    public void An_array_can_have_a_hundred_thousand_jobs()
    {
        Assert.True(ArrayIndices.TryParse("1-100000", out int[]? indices, out _));
        Assert.Equal(ArrayIndices.Most, indices.Length);
    }

    [Theory]
    [InlineData("1-1000%50", "1-1000", 50)]
    [InlineData("1,3%1", "1,3", 1)]
    [InlineData("1-1000", "1-1000", null)]
    public void The_option_may_say_how_many_run_at_once(string text, string indices, int? atOnce)
    {
        Assert.True(ArrayIndices.TryParseOption(text, out string? read, out int? limit, out string? fault), fault);
        Assert.Equal((indices, atOnce), (read, limit));
    }

    [Theory]
    [InlineData("1-1000%")]
    [InlineData("1-1000%0")]
    [InlineData("1-1000%-1")]
    [InlineData("1-1000%x")]
    [InlineData("1-1000%5%5")]
    [InlineData("1-1000%99999999999")]
    [InlineData("%5")]
    [InlineData("5-1%5")]
    [InlineData("")]
    [InlineData(null)]
    public void A_wrong_option_is_refused_in_a_sentence(string? text)
    {
        Assert.False(ArrayIndices.TryParseOption(text, out _, out _, out string? fault));
        Assert.EndsWith(".", fault, StringComparison.Ordinal);
    }
}
