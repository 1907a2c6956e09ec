using System.Globalization;

namespace Drover.Coroutines.Tests.Fuzzing;

public sealed class SlotsFuzzTests
{
    [Fact]
    public void Slots_are_conserved_and_granted_in_order() => Chance.Explore(1000, chance => new Program(chance).RunAsync());

    [Fact]
    public void The_same_seed_runs_the_same_way() => Chance.CheckReplay(chance => new Program(chance).RunAsync());

    /// <summary>Holders with random demands in scopes that end at random moments, also at the moment of the grant.</summary>
    private sealed class Program
    {
        private readonly Chance _chance;
        private readonly Slots _slots;
        private int _ticket;
        private int _held;

        internal Program(Chance chance)
        {
            _chance = chance;
            _slots = new Slots(1 + chance.Below(6));
        }

        internal async Task RunAsync()
        {
            await TaskGroup.RunAsync(async group =>
            {
                for (int i = 0; i < 6; i++)
                {
                    Coroutine holder = group.Start(() => RepeatAsync(group));
                    if (_chance.OneIn(4))
                    {
                        group.Start(async () =>
                        {
                            await Coroutine.SleepAsync(_chance.Moment(20));
                            holder.Cancel("by chance");
                        });
                    }
                }

                await Coroutine.SleepAsync(_chance.Moment(60));
                if (_chance.OneIn(3))
                {
                    _slots.Close("over");
                }
            });

            Check();
            Assert.Equal(_slots.Capacity, _slots.Free);
            Assert.Empty(_slots.Statistics().Holders);
            Assert.Empty(_slots.Statistics().Waiters);
            Assert.Equal(1, EventLoop.Current.Coroutines);
            Assert.Equal(0, EventLoop.Current.Timers.Count);
        }

        private async Task RepeatAsync(TaskGroup group)
        {
            for (int i = 0; i < 5 && !_slots.IsClosed; i++)
            {
                await _chance.InScopesAsync(group, HoldAsync);
                await _chance.PauseAsync();
            }
        }

        private async Task HoldAsync()
        {
            int demand = 1 + _chance.Below(_slots.Capacity);
            using SlotLease? lease = await AcquireAsync(demand, _ticket++.ToString(CultureInfo.InvariantCulture));
            if (lease is null)
            {
                return;
            }

            Assert.Equal(demand, lease.Count);
            _held += demand;
            try
            {
                Check();
                await _chance.PauseAsync();
            }
            finally
            {
                _held -= demand;
                lease.Dispose();
                Check();
            }
        }

        private async Task<SlotLease?> AcquireAsync(int demand, string ticket)
        {
            switch (_chance.Below(3))
            {
                case 0:
                    try
                    {
                        return await _slots.AcquireAsync(demand, ticket);
                    }
                    catch (ClosedException)
                    {
                        return null;
                    }

                case 1:
                    return (await _slots.TryAcquireAsync(demand, ticket)).GetValueOr(null);
                default:
                    return _slots.TryAcquire(out SlotLease? lease, demand, ticket) ? lease : null;
            }
        }

        private void Check()
        {
            SlotStatistics now = _slots.Statistics();
            Assert.Equal(_slots.Capacity, now.Free + now.Holders.Sum(holder => holder.Demand));
            Assert.InRange(now.Free, 0, _slots.Capacity);
            Assert.True(_held <= now.Holders.Sum(holder => holder.Demand), "Somebody holds what was not leased.");

            // The tickets are drawn at the call: who holds came before who waits, and both stand in order.
            int[] tickets = [.. now.Holders.Concat(now.Waiters).Select(user => int.Parse(user.Situation!, CultureInfo.InvariantCulture))];
            Assert.Equal(tickets.Order(), tickets);
            Assert.True(now.Waiters.Count == 0 || now.Waiters[0].Demand > now.Free, "The first who waits could be served.");
        }
    }
}
