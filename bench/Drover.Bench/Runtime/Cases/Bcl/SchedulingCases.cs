using System.Threading.Channels;

namespace Drover.Bench.Runtime.Cases.Bcl;

internal static class SchedulingCases
{
    /// <summary>The pool runs the two tasks on two threads when it likes; time per yield all the same.</summary>
    public static Task<Measurement> SwitchAsync()
    {
        return Measure.NanosecondsEachAsync(4_000_000, InTurnAsync, warmupCount: 20_000);

        static Task InTurnAsync(int switches) =>
            Task.WhenAll(Task.Run(() => YieldOftenAsync(switches / 2)), Task.Run(() => YieldOftenAsync(switches / 2)));

        static async Task YieldOftenAsync(int times)
        {
            for (var i = 0; i < times; i++)
            {
                await Task.Yield();
            }
        }
    }

    /// <summary>A child is the cheapest that the pool takes: a delegate without an asynchronous method around it.</summary>
    public static Task<Measurement> SpawnJoinAsync()
    {
        const int GroupSize = 1_000;
        return Measure.NanosecondsEachAsync(3_000_000, StartAndJoinAsync, warmupCount: 50_000);

        static async Task StartAndJoinAsync(int children)
        {
            for (var group = 0; group < children / GroupSize; group++)
            {
                var started = new Task[GroupSize];
                for (var i = 0; i < started.Length; i++)
                {
                    started[i] = Task.Run(static () => { });
                }

                await Task.WhenAll(started);
            }
        }
    }

    /// <summary>Synchronous continuations are left off: with them capacity 1 is no faster, and capacity 64 half as fast.</summary>
    public static Task<Measurement> ChannelAsync(int capacity)
    {
        return Measure.NanosecondsEachAsync(2_000_000, PassItemsAsync, warmupCount: 20_000);

        async Task PassItemsAsync(int items)
        {
            var channel = Channel.CreateBounded<int>(new BoundedChannelOptions(capacity) { SingleReader = true, SingleWriter = true });
            var producing = Task.Run(() => ProduceAsync(channel.Writer, items));
            var received = 0;
            await foreach (var item in channel.Reader.ReadAllAsync())
            {
                received += item == received ? 1 : 0;
            }

            await producing;
            if (received != items)
            {
                throw new InvalidOperationException($"{items} items went in and {received} came out in order.");
            }
        }

        static async Task ProduceAsync(ChannelWriter<int> writer, int items)
        {
            for (var item = 0; item < items; item++)
            {
                await writer.WriteAsync(item);
            }

            writer.Complete();
        }
    }

    public static Task<Measurement> ScopeAsync()
    {
        return Measure.NanosecondsEachAsync(3_000_000, EnterAndLeaveAsync, warmupCount: 50_000);

        static Task EnterAndLeaveAsync(int scopes)
        {
            for (var i = 0; i < scopes; i++)
            {
                using var scope = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            }

            return Task.CompletedTask;
        }
    }
}
