using Drover.Client.Http;

namespace Drover.Client;

/// <content>Commands beside the job.</content>
public sealed partial record JobHandle
{
    /// <summary>
    /// Runs a short command in the job's run directory, also while the job runs, and writes what it writes as it comes: as
    /// fast as the slower of the two destinations, and the command waits. Waits for one of the agent's slots first. Not
    /// repeatable: it is asked for once. A canceled token, a broken connection and the end of the agent end the command.
    /// </summary>
    /// <param name="spec">What to run.</param>
    /// <param name="output">Takes its standard output. Flushed after each piece.</param>
    /// <param name="error">Takes its standard error; may be the same.</param>
    /// <param name="cancellationToken">Ends the command, and this.</param>
    /// <returns>How it ended; also that it could not be started, or that its time was over.</returns>
    /// <exception cref="RequestRefusedException">The job has no run directory (<c>conflict</c>), or too many commands wait (<c>busy</c>).</exception>
    /// <exception cref="ServerUnreachableException">The connection broke. The command was ended, unless it had ended.</exception>
    /// <exception cref="IOException">A destination cannot be written.</exception>
    public async Task<Ending> ExecAsync(ExecSpec spec, Stream output, Stream error, CancellationToken cancellationToken = default)
    {
        try
        {
            return await new ExecCall(this, spec).RunAsync(output, error, cancellationToken);
        }
        catch (RequestRefusedException e) when (e.Status == 404)
        {
            throw new JobNotFoundException(Id, e.Problem.Detail);
        }
    }
}
