using System.Text.Json;
using Drover.Agent.Drivers;
using Drover.Agent.Keeper;
using Drover.Agent.Keeper.Messages;

namespace Drover.Agent.Tests.Keeper;

/// <summary>A keeper in the hands of the test, which knows what the test says. It listens from the moment it is made.</summary>
internal sealed class PlayedKeeper
{
    private readonly LoopSocket _listener;

    internal PlayedKeeper(Site site)
    {
        site.Files.Create();
        _listener = new LoopSocket(site.Files.Listen());
    }

    internal KeeperEvent.Hello Hello { get; init; } = new(KeeperEvent.Hello.Spoken, DroverVersion.Text, Environment.ProcessId);

    /// <summary>What it has records of.</summary>
    internal IReadOnlyList<AttemptRecord> Records { get; init; } = [];

    /// <summary>Welcomes an agent, waits for a command of one kind, gives the answer, and is gone.</summary>
    internal async Task DieAfterAsync<T>(params KeeperEvent[] answer)
        where T : KeeperCommand
    {
        using var agent = new LineConnection(await _listener.AcceptAsync());
        _listener.Dispose();
        var hasCome = new Event(typeof(T).Name);
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(() => agent.RunAsync(line =>
            {
                if (JsonSerializer.Deserialize(line, KeeperJson.Default.KeeperCommand) is T)
                {
                    hasCome.Set();
                }
            }));
            Array.ForEach<KeeperEvent>([Hello, .. Records.Select(record => new KeeperEvent.Known(record)), new KeeperEvent.Ready()], Say);
            await hasCome.WaitAsync();
            Array.ForEach(answer, Say);
            await agent.FlushAsync();
            group.Cancel("it is killed");
        });

        void Say(KeeperEvent what) => agent.Post(what, KeeperJson.Default.KeeperEvent);
    }
}
