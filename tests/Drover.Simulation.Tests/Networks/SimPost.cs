using Drover.Agent.Ops;
using Drover.Server.Supervision;

namespace Drover.Simulation.Tests.Networks;

/// <summary>Takes streams to the server: what was written is there when all of it is.</summary>
internal sealed class SimPost(World world, Link link) : IStreamPost
{
    public async Task<Refusal?> SendAsync(
        OpId op, string mediaType, IReadOnlyList<(string Header, long Value)> place, Func<Stream, Task> write, long? length = null)
    {
        await Coroutine.SleepAsync(world.Between(0.0001, world.Network.Latency), "the network");
        if (link.IsBroken || link.Session?.Ops.Find(op) is not { } pending)
        {
            return new Refusal("nobody waits for it", IsUnwanted: true);
        }

        var body = new MemoryStream(); // Whoever reads it has it from then on.
        await write(body);
        body.Position = 0;
        if (link.IsBroken)
        {
            pending.Fail(new AgentAwayException("The agent broke off."));
            return new Refusal("the connection broke");
        }

        _ = pending.OfferAsync(new AgentStream(body, place.Count > 0 ? place[0].Value : null, place.Count > 1 ? place[1].Value : null));
        return null;
    }

    public void Dispose()
    {
    }
}
