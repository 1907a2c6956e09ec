namespace Drover.Coroutines.Tests.Generators;

public sealed class GeneratorStepTests
{
    private static readonly GeneratorStep<int, string> s_yielded = GeneratorStep<int, string>.OfYielded(3);
    private static readonly GeneratorStep<int, string> s_returned = GeneratorStep<int, string>.OfReturned("done");

    [Fact]
    public void The_default_step_is_an_ended_one()
        => Assert.Equal(GeneratorStepKind.Ended, default(GeneratorStep<int, string>).Kind);

    [Fact]
    public void A_step_gives_only_the_value_it_carries()
    {
        Assert.Equal(3, s_yielded.Yielded);
        Assert.Equal("done", s_returned.Returned);
        Assert.Throws<InvalidOperationException>(() => s_yielded.Returned);
        Assert.Throws<InvalidOperationException>(() => s_returned.Yielded);
        Assert.Throws<InvalidOperationException>(() => default(GeneratorStep<int, string>).Yielded);
    }

    [Fact]
    public void A_step_can_be_asked_for_its_value()
    {
        Assert.True(s_yielded.TryGetYielded(out int value));
        Assert.Equal(3, value);
        Assert.False(s_yielded.TryGetReturned(out _));
        Assert.True(s_returned.TryGetReturned(out string? result));
        Assert.Equal("done", result);
        Assert.False(s_returned.TryGetYielded(out _));
    }

    [Fact]
    public void A_step_can_be_matched_by_position()
    {
        Assert.True(s_yielded is (GeneratorStepKind.Yielded, 3, null));
        Assert.True(s_returned is (GeneratorStepKind.Returned, 0, "done"));
    }

    [Fact]
    public void A_step_says_in_words_what_it_is()
    {
        Assert.Equal("Yielded(3)", s_yielded.ToString());
        Assert.Equal("Returned(done)", s_returned.ToString());
        Assert.Equal("Ended", default(GeneratorStep<int, string>).ToString());
    }

    [Fact]
    public void Steps_are_equal_when_they_carry_the_same()
    {
        Assert.Equal(s_yielded, GeneratorStep<int, string>.OfYielded(3));
        Assert.NotEqual(s_yielded, GeneratorStep<int, string>.OfYielded(4));
    }
}
