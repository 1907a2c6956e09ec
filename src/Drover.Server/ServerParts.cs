using Drover.Server.Configuration;
using Drover.Server.Storage;
using Drover.Server.Supervision;
using Microsoft.Extensions.Logging;

namespace Drover.Server;

/// <summary>What a server that runs consists of, for those who answer requests.</summary>
/// <param name="Options">How it is configured.</param>
/// <param name="Folder">Its data folder, which is locked.</param>
/// <param name="Loop">The loop that owns all supervision state.</param>
/// <param name="Supervisor">The jobs. Belongs to the loop.</param>
/// <param name="Store">The database.</param>
/// <param name="Logs">Where it logs.</param>
/// <param name="Surroundings">Whether it is a program or part of one.</param>
/// <param name="Stopping">Canceled when it stops: long answers end then.</param>
internal sealed record ServerParts(
    ServerOptions Options,
    DataFolder Folder,
    EventLoop Loop,
    Supervisor Supervisor,
    Store Store,
    ILoggerFactory Logs,
    ServerSurroundings Surroundings,
    CancellationToken Stopping);
