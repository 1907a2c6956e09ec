using Drover.Coroutines;

namespace Drover.Bench.Runtime.Cases.Drover;

internal static class SchedulingCases
{
    public static Task<Measurement> SwitchAsync()
    {
        return Measure.NanosecondsEachAsync(4_000_000, InTurnAsync, warmupCount: 20_000);

        static Task InTurnAsync(int switches) => TaskGroup.RunAsync(group =>
        {
            group.Start(() => YieldOftenAsync(switches / 2));
            group.Start(() => YieldOftenAsync(switches / 2));
            return Task.CompletedTask;
        });

        static async Task YieldOftenAsync(int times)
        {
            for (var i = 0; i < times; i++)
            {
                await Coroutine.YieldAsync();
            }
        }
    }

    public static Task<Measurement> SpawnJoinAsync()
    {
        const int GroupSize = 1_000;
        return Measure.NanosecondsEachAsync(3_000_000, StartAndJoinAsync, warmupCount: 50_000);

        static async Task StartAndJoinAsync(int children)
        {
            for (var group = 0; group < children / GroupSize; group++)
            {
                await TaskGroup.RunAsync(StartChildrenAsync);
            }
        }

        static Task StartChildrenAsync(TaskGroup group)
        {
            for (var i = 0; i < GroupSize; i++)
            {
                group.Start(TrivialAsync);
            }

            return Task.CompletedTask;
        }

        static async Task TrivialAsync()
        {
        }
    }

    public static Task<Measurement> ChannelAsync(int capacity)
    {
        return Measure.NanosecondsEachAsync(2_000_000, PassItemsAsync, warmupCount: 20_000);

        async Task PassItemsAsync(int items)
        {
            var channel = new Channel<int>(capacity);
            var received = 0;
            await TaskGroup.RunAsync(async group =>
            {
                group.Start(() => ProduceAsync(channel, items));
                for (var i = 0; i < items; i++)
                {
                    received += await channel.ReceiveAsync() == received ? 1 : 0;
                }
            });

            if (received != items)
            {
                throw new InvalidOperationException($"{items} items went in and {received} came out in order.");
            }
        }

        static async Task ProduceAsync(Channel<int> channel, int items)
        {
            for (var item = 0; item < items; item++)
            {
                await channel.SendAsync(item);
            }
        }
    }

    public static Task<Measurement> ScopeAsync()
    {
        return Measure.NanosecondsEachAsync(3_000_000, EnterAndLeaveAsync, warmupCount: 50_000);

        static async Task EnterAndLeaveAsync(int scopes)
        {
            for (var i = 0; i < scopes; i++)
            {
                await CancelScope.MoveOnAfterAsync(TimeSpan.FromSeconds(60), static () => Task.CompletedTask);
            }
        }
    }
}
