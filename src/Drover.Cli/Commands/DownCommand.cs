using System.CommandLine;
using Drover.Cli.Servers;

namespace Drover.Cli.Commands;

/// <summary>Stops the server; jobs go on.</summary>
internal sealed class DownCommand : DroverCommand
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_longestStop = TimeSpan.FromSeconds(60);

    public DownCommand()
        : base("down", "Stop the server; jobs that run go on, and are there when it is started again")
    {
    }

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        if (context.FindServer() is not { } address)
        {
            context.Hint($"no server runs with the data folder {context.Folder.Path}");
            return ExitCodes.Success;
        }

        ServerFile? file = address.Folder?.ReadServerFile();
        DroverClient client = context.Connect(address);
        ServerInfo info = await client.GetServerAsync();
        await client.StopServerAsync();
        await UntilGoneAsync(file, address, context);
        if (context.IsJson)
        {
            context.WriteJson(info, ProtocolJson.Default.ServerInfo);
        }
        else
        {
            string jobs = info.UnfinishedJobs switch
            {
                0 => "no job was unfinished",
                1 => "1 job goes on or waits; `drover up` starts it again",
                int n => $"{n} jobs go on or wait; `drover up` starts it again",
            };
            context.Terminal.WriteLine($"The server has stopped; {jobs}.");
        }

        return ExitCodes.Success;
    }

    private static async Task UntilGoneAsync(ServerFile? file, ServerAddress address, CommandContext context)
    {
        TimeProvider time = context.Surroundings.Time;
        long asked = time.GetTimestamp();
        while (file is not null ? DataFolder.IsAlive(file) : await AnswersAsync(address, time))
        {
            if (time.GetElapsedTime(asked) > s_longestStop)
            {
                throw new CliException(
                    ExitCodes.RequestFailed,
                    $"The server was asked to stop {Quantities.Duration(s_longestStop)} ago and is still there"
                    + (file is null ? "." : $" (process {file.ProcessId}): look into {address.Folder!.ServerLogPath}."));
            }

            await Task.Delay(s_pause, time);
        }
    }

    private static async Task<bool> AnswersAsync(ServerAddress address, TimeProvider time)
    {
        using var client = new DroverClient(new DroverClientOptions { Server = address.Url, Token = address.Token, RetryFor = TimeSpan.Zero, Time = time });
        try
        {
            await client.GetServerAsync();
            return true;
        }
        catch (ServerUnreachableException)
        {
            return false;
        }
        catch (RequestRefusedException)
        {
            return true; // "stopping".
        }
    }
}
