using Drover.Server.Configuration;
using Drover.Server.Inputs;
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
/// <param name="Inputs">What users have uploaded.</param>
/// <param name="Manifests">Looks at the inputs of jobs.</param>
/// <param name="Quota">Whether there is room for what users upload.</param>
/// <param name="Logs">Where it logs.</param>
/// <param name="Surroundings">Whether it is a program or part of one.</param>
/// <param name="Stopping">Canceled when it stops: long answers end then.</param>
internal sealed record ServerParts(
    ServerOptions Options,
    DataFolder Folder,
    EventLoop Loop,
    Supervisor Supervisor,
    Store Store,
    InputStore Inputs,
    InputManifests Manifests,
    InputQuota Quota,
    ILoggerFactory Logs,
    ServerSurroundings Surroundings,
    CancellationToken Stopping);
