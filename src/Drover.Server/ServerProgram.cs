using System.Runtime.InteropServices;
using Drover.Server.Configuration;
using Drover.Server.Storage;

namespace Drover.Server;

/// <summary>The server as a program: from the data folder to the last request.</summary>
public static class ServerProgram
{
    /// <summary>
    /// Runs a server until it is told to stop: by SIGTERM, SIGINT, or an administrator's request. Jobs and agents go on.
    /// </summary>
    /// <param name="launch">How it is started.</param>
    /// <returns>The exit code: 0 stopped as told, 1 it could not run, 2 its configuration has mistakes; the standard error stream says why.</returns>
    public static async Task<int> RunAsync(ServerLaunch launch)
    {
        ArgumentNullException.ThrowIfNull(launch);
        using var stop = new CancellationTokenSource();
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        try
        {
            await using RunningServer server = await RunningServer.StartAsync(launch, stop.Cancel);
            await StopRequestedAsync(stop.Token);
            return 0;
        }
        catch (ConfigurationException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }
        catch (Exception e) when (e is StorageException or ServerStartException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static async Task StopRequestedAsync(CancellationToken stop)
    {
        var requested = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = stop.Register(requested.SetResult);
        await requested.Task;
    }
}
