using Drover.Coroutines.Testing;

namespace Drover.Samples.Tests;

public sealed class RaceTests
{
    [Fact]
    public void Losers_are_gone_the_timeout_says_for_what_and_the_clean_up_takes_its_time()
    {
        var output = new OutputLog();

        Schedules.RunInVirtualTime(() => new Race(output).RunAsync());

        Assert.Equal(
            [
                "0.2 s  the connection to Lima is closed",
                "0.2 s  the connection to Oslo is closed",
                "0.2 s  the connection to Pune is closed",
                "0.2 s  the file came from Lima",
                "0.3 s  the connection to the moon is closed",
                "0.3 s  no file: the deadline of 100 ms of 'patience' passed while it waited for: the file from the moon (sleep, 1.2 s left)",
                "0.3 s  the money is reserved",
                "0.9 s  the money is given back",
                "0.9 s  the payment is over: the deadline of 100 ms passed while it waited for: the bank to answer (sleep, 4.9 s left)",
            ],
            output.Lines);
    }
}
