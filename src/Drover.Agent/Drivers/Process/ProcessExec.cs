using System.Diagnostics;
using Drover.Agent.Keeper;
using Drover.Agent.Keeper.Processes;

namespace Drover.Agent.Drivers.Process;

/// <summary>A short command in a run directory. Nothing of it outlives it, nor the agent, however that ends.</summary>
internal static class ProcessExec
{
    /// <summary>Between SIGTERM and SIGKILL, at the end of its time or when nobody wants its answer any more.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    /// <summary>Runs it. That it cannot be started is an ending.</summary>
    /// <param name="order">What to run.</param>
    /// <param name="runDirectory">The absolute path of the run directory.</param>
    /// <param name="write">Takes what it writes.</param>
    internal static async Task<Ending> RunAsync(
        ServerMessage.Exec order, string runDirectory, Func<OutputKind, ReadOnlyMemory<byte>, Task> write)
    {
        var stamp = new ExecStamp();
        try
        {
            return await ExecGuard.RunAsync(Spec(order, runDirectory, stamp), stamp, command => FollowAsync(command, order.Spec, write));
        }
        catch (ProcessStartException e)
        {
            return new Ending.LaunchFailed(AttemptLaunch.Reason(e.Failure), e.Message);
        }
    }

    private static async Task<Ending> FollowAsync(Subprocess command, ExecSpec spec, Func<OutputKind, ReadOnlyMemory<byte>, Task> write)
    {
        var output = new ExecOutput(command.Output, bytes => write(OutputKind.Output, bytes));
        var error = new ExecOutput(command.Error, bytes => write(OutputKind.Error, bytes));
        return await TaskGroup.RunAsync(
            async group =>
            {
                Coroutine[] streams = [group.Start(output.RunAsync, "output"), group.Start(error.RunAsync, "errors")];
                Outcome<ProcessExit> ended = await CancelScope.MoveOnAfterAsync(
                    TimeSpan.FromSeconds(spec.TimeLimitSeconds), async () => await command.WaitAsync());
                await command.StopAsync(); // What it has left of its group, or all of it.
                output.Finish();
                error.Finish();
                foreach (Coroutine stream in streams)
                {
                    await stream.JoinAsync();
                }

                return ended.TryGetValue(out ProcessExit? exit) ? Of(exit) : new Ending.TimeLimit(spec.TimeLimitSeconds);
            },
            "exec");
    }

    private static Ending Of(ProcessExit exit) => exit switch
    {
        ProcessExit.Exited exited => new Ending.Exited(exited.Code),
        ProcessExit.Signaled signaled => new Ending.Signaled(signaled.Number, signaled.Name, signaled.DumpedCore),
        ProcessExit.Unknown unknown => new Ending.Lost(unknown.ToString()),
        _ => throw new UnreachableException(),
    };

    private static ProcessSpec Spec(ServerMessage.Exec order, string runDirectory, ExecStamp stamp) => new(order.Spec.Command[0], [.. order.Spec.Command.Skip(1)])
    {
        WorkingDirectory = runDirectory,
        InheritsEnvironment = false,
        Environment = Environment(order, runDirectory, stamp),
        NewSession = true,
        StopGrace = s_grace,
    };

    /// <summary>
    /// The job's environment, without the number of the attempt: that is the stamp of the job's own processes, by which
    /// they are found and ended with it. The command has one of its own.
    /// </summary>
    private static Dictionary<string, string?> Environment(ServerMessage.Exec order, string runDirectory, ExecStamp stamp)
    {
        var variables = AgentEnvironment.Read().ToDictionary(v => v.Key, string? (v) => v.Value);
        foreach ((string name, string value) in order.Environment ?? new Dictionary<string, string>())
        {
            variables[name] = value;
        }

        variables.Remove(AgentProtocol.AttemptVariable);
        variables[ExecStamp.Variable] = stamp.Value;
        variables["DROVER_JOB"] = order.Attempt.Job.ToString();
        variables[Stamp.RunDirectoryVariable] = runDirectory;
        variables["DROVER_CPUS"] = order.Cpus.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (order.Array is { } place)
        {
            variables["DROVER_ARRAY_ID"] = place.Array.ToString();
            variables["DROVER_ARRAY_INDEX"] = place.Index.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        foreach (string secret in AgentEnvironment.Secrets)
        {
            variables.Remove(secret);
        }

        return variables;
    }
}
