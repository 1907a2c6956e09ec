using System.Text.Json;
using Drover.Cli.Text;

namespace Drover.Cli;

/// <summary>Makes a sentence and an exit code of what went wrong.</summary>
internal static class Failures
{
    /// <summary>Tells it on the error stream and returns the exit code. What is not expected is thrown again.</summary>
    public static int Tell(Surroundings surroundings, Exception error, bool isJson, bool isOwnServer)
    {
        (int exitCode, string sentence) = Explain(surroundings, error, isOwnServer);
        if (isJson)
        {
            Problem problem = (error as RequestRefusedException)?.Problem
                ?? new Problem { Title = error.GetType().Name.Replace("Exception", "", StringComparison.Ordinal), Detail = sentence };
            surroundings.Terminal.WriteErrorText(JsonSerializer.Serialize(problem, ProtocolJson.Default.Problem) + "\n");
        }
        else
        {
            surroundings.Terminal.Say(Plain.EscapeLines(sentence));
        }

        return exitCode;
    }

    /// <summary>Whether <see cref="Tell"/> knows what to say.</summary>
    public static bool IsExpected(Exception error) =>
        error is CliException or DroverException or IOException or UnauthorizedAccessException;

    private static (int ExitCode, string Sentence) Explain(Surroundings surroundings, Exception error, bool isOwnServer) => error switch
    {
        CliException e => (e.ExitCode, e.Message),
        JobNotFoundException e => (ExitCodes.NoSuchJob, e.Message),
        ServerUnreachableException { MayHaveBeenSent: true } e => (ExitCodes.ServerUnreachable, $"{e.Message} Whether it has done what was asked is not known: look with `drover list`."),
        ServerUnreachableException e when isOwnServer => (ExitCodes.ServerUnreachable, $"{e.Message} Start it with `drover up`."),
        ServerUnreachableException e => (ExitCodes.ServerUnreachable, e.Message),
        UnauthorizedException e when !string.IsNullOrEmpty(surroundings.Environment("DROVER_TOKEN")) => (ExitCodes.RequestFailed, $"{e.Message} (The token came from DROVER_TOKEN.)"),
        _ => (ExitCodes.RequestFailed, error.Message),
    };
}
