using Drover.Agent.Keeper.Processes;

namespace Drover.Agent.Keeper;

/// <summary>Reads the table of all processes, once for all who ask for it before it begins: many attempts may end at once.</summary>
internal sealed class ProcessScans
{
    private Task<ProcessTable>? _next;
    private Task<ProcessTable>? _running;

    /// <summary>A table that is read after this call. On the loop's thread.</summary>
    internal Task<ProcessTable> ReadAsync() => _next ??= ReadNextAsync();

    private async Task<ProcessTable> ReadNextAsync()
    {
        await Coroutine.YieldAsync(); // Whoever asks in this turn shares it.
        while (_running is { IsCompleted: false } running)
        {
            await running;
        }

        _running = _next;
        _next = null;
        return await Blocking.RunAsync(ProcessTable.Read, situation: "read all of /proc");
    }
}
