using Drover.Agent.Keeper.Processes;

namespace Drover.Agent.Keeper;

/// <summary>What the keeper starts for an attempt, and why it could not.</summary>
internal static class AttemptLaunch
{
    /// <summary>The program, its files and its environment.</summary>
    /// <param name="order">What to run.</param>
    /// <param name="runDirectory">The absolute path of its run directory.</param>
    /// <param name="environment">The agent's environment.</param>
    internal static ProcessSpec Spec(RunOrder order, string runDirectory, IReadOnlyDictionary<string, string> environment)
    {
        JobSpec job = order.Spec;
        return new ProcessSpec(job.Command[0], [.. job.Command.Skip(1)])
        {
            WorkingDirectory = job.WorkingDirectory ?? runDirectory,
            InheritsEnvironment = false,
            Environment = Environment(order, runDirectory, environment),
            Output = OutputTarget.File(AttemptFiles.Log(runDirectory, order.Attempt, OutputKind.Output), append: true),
            Error = OutputTarget.File(AttemptFiles.Log(runDirectory, order.Attempt, OutputKind.Error), append: true),
            NewSession = true,
            StopGrace = TimeSpan.Zero, // The grace is the keeper's business; when the runtime stops it, nothing is left.
        };
    }

    /// <summary>What is wrong with an order, in one sentence, or null.</summary>
    internal static string? Fault(RunOrder order) =>
        order.Spec.Command.Count == 0 || order.Spec.Command[0].Length == 0 ? "No program is named."
        : order.Spec.Command.Any(word => word.Contains('\0', StringComparison.Ordinal)) ? "An argument contains a null character."
        : !AttemptFiles.IsName(order.RunDirectory) ? $"'{order.RunDirectory}' is not the name of a run directory."
        : null;

    /// <summary>The ending of an attempt whose program could not be started.</summary>
    internal static Ending.LaunchFailed Failed(RunOrder order, Exception error) => error switch
    {
        LaunchException e => new Ending.LaunchFailed(e.Reason, e.Message),
        ProcessStartException { Failure: ProcessStartFailure.NoSuchProgram } e => new Ending.LaunchFailed(LaunchFailure.NoSuchProgram, e.Message + Hint(order)),
        ProcessStartException e => new Ending.LaunchFailed(Reason(e.Failure), e.Message),
        _ when IsUnexpected(error) => new Ending.LaunchFailed(
            LaunchFailure.Other,
            $"It was not started, for a reason that Drover did not expect ({error.GetType().Name}: {error.Message}). The keeper's log has the details."),
        _ => new Ending.LaunchFailed(LaunchFailure.Other, error.Message),
    };

    /// <summary>The end of an attempt that was to stop before its program was started.</summary>
    internal static AttemptEnd CanceledBefore(StopOrder stop, DateTimeOffset now) => new()
    {
        Ending = new Ending.Canceled(stop.By, stop.Why),
        At = now,
        Evidence = "the order to stop it came before its program was started",
    };

    /// <summary>Whether it tells of a mistake in Drover, or of surroundings that nobody thought of.</summary>
    internal static bool IsUnexpected(Exception error) => error is not (ProcessStartException or LaunchException or ArgumentException);

    /// <summary>The kind of failure, as endings have it.</summary>
    internal static LaunchFailure Reason(ProcessStartFailure failure) => failure switch
    {
        ProcessStartFailure.NoSuchProgram => LaunchFailure.NoSuchProgram,
        ProcessStartFailure.NotExecutable => LaunchFailure.NotExecutable,
        ProcessStartFailure.NoSuchDirectory => LaunchFailure.NoSuchDirectory,
        ProcessStartFailure.CannotOpenFile => LaunchFailure.CannotWrite,
        ProcessStartFailure.TooLong => LaunchFailure.TooLong,
        ProcessStartFailure.OutOfResources => LaunchFailure.OutOfResources,
        _ => LaunchFailure.Other,
    };

    /// <summary>What people forget most often.</summary>
    private static string Hint(RunOrder order)
    {
        string program = order.Spec.Command[0];
        return !program.Contains('/', StringComparison.Ordinal)
            && order.Spec.WorkingDirectory is { } directory
            && File.Exists(Path.Combine(directory, program))
            ? $" There is such a file in '{directory}': './{program}' would start it."
            : "";
    }

    private static Dictionary<string, string?> Environment(
        RunOrder order, string runDirectory, IReadOnlyDictionary<string, string> environment)
    {
        var variables = new Dictionary<string, string?>(environment.Count + 8);
        foreach ((string name, string value) in environment)
        {
            variables[name] = value;
        }

        if (order.TraceParent is { } parent)
        {
            variables["TRACEPARENT"] = parent; // A program that traces goes on with the trace (OpenTelemetry's convention for environments).
        }

        foreach ((string name, string value) in order.Spec.Environment ?? new Dictionary<string, string>())
        {
            variables[name] = value;
        }

        variables[AgentProtocol.AttemptVariable] = order.Attempt.ToString();
        variables["DROVER_JOB"] = order.Attempt.Job.ToString();
        variables[Stamp.RunDirectoryVariable] = runDirectory;
        variables["DROVER_PROGRESS"] = AttemptFiles.Progress(runDirectory, order.Attempt);
        variables["DROVER_CPUS"] = order.Spec.Cpus.ToString(System.Globalization.CultureInfo.InvariantCulture);
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
