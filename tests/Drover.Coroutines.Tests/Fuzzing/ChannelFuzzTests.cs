namespace Drover.Coroutines.Tests.Fuzzing;

public sealed class ChannelFuzzTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Every_item_sent_is_received_once_in_order_and_no_other(int capacity) =>
        Chance.Explore(500, chance => new Program(chance, capacity).RunAsync());

    [Fact]
    public void The_same_seed_runs_the_same_way() => Chance.CheckReplay(chance => new Program(chance, capacity: 1).RunAsync());

    /// <summary>Producers and consumers in scopes that end at random moments; now and then one is canceled altogether.</summary>
    private sealed class Program(Chance chance, int capacity)
    {
        private readonly Channel<int> _channel = new(capacity);
        private readonly SortedDictionary<int, int> _sent = [];
        private readonly SortedDictionary<int, int> _received = [];
        private int _ticket;
        private int _item;

        internal async Task RunAsync()
        {
            await TaskGroup.RunAsync(async group =>
            {
                for (int i = 0; i < 4; i++)
                {
                    Coroutine producer = group.Start(() => RepeatAsync(group, SendAsync), $"producer {i}");
                    Coroutine consumer = group.Start(() => RepeatAsync(group, ReceiveAsync), $"consumer {i}");
                    if (chance.OneIn(4))
                    {
                        CancelLater(group, chance.Of(producer, consumer));
                    }
                }

                await Coroutine.SleepAsync(chance.Moment(60));
                _channel.Close("over");
            });

            while (_channel.TryReceive(out int rest))
            {
                _received.Add(_ticket++, rest);
            }

            // The tickets are drawn at the call. So the first that sent is the first that is received by the first that
            // received: every item once, in order, and nobody was passed on either side.
            Assert.Equal(_sent.Values, _received.Values);
            ChannelStatistics end = _channel.Statistics();
            Assert.Equal(new ChannelStatistics(capacity, 0, 0, 0, IsClosed: true), end);
            Assert.Equal(1, EventLoop.Current.Coroutines);
            Assert.Equal(0, EventLoop.Current.Timers.Count);
        }

        private void CancelLater(TaskGroup group, Coroutine coroutine) => group.Start(async () =>
        {
            await Coroutine.SleepAsync(chance.Moment(20));
            coroutine.Cancel("by chance");
        });

        private async Task RepeatAsync(TaskGroup group, Func<Task> operation)
        {
            for (int i = 0; i < 6 && !_channel.IsClosed; i++)
            {
                await chance.InScopesAsync(group, operation);
                await chance.PauseAsync();
            }
        }

        private async Task SendAsync()
        {
            int ticket = _ticket++;
            int item = _item++;
            switch (chance.Below(3))
            {
                case 0:
                    try
                    {
                        await _channel.SendAsync(item);
                        _sent.Add(ticket, item);
                    }
                    catch (ClosedException)
                    {
                        Assert.True(_channel.IsClosed);
                    }

                    break;
                case 1:
                    if ((await _channel.TrySendAsync(item)).IsDone)
                    {
                        _sent.Add(ticket, item);
                    }

                    break;
                default:
                    if (_channel.TrySend(item))
                    {
                        _sent.Add(ticket, item);
                    }

                    break;
            }
        }

        private async Task ReceiveAsync()
        {
            int ticket = _ticket++;
            switch (chance.Below(3))
            {
                case 0:
                    try
                    {
                        _received.Add(ticket, await _channel.ReceiveAsync());
                    }
                    catch (ClosedException)
                    {
                        Assert.True(_channel.IsClosed);
                    }

                    break;
                case 1:
                    if ((await _channel.TryReceiveAsync()).TryGetValue(out int waited))
                    {
                        _received.Add(ticket, waited);
                    }

                    break;
                default:
                    if (_channel.TryReceive(out int item))
                    {
                        _received.Add(ticket, item);
                    }

                    break;
            }
        }
    }
}
