namespace Drover.Cli;

/// <summary>What the exit codes of drover mean, except where a job's own is passed on.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int RequestFailed = 1;
    public const int WrongUsage = 2;
    public const int NoSuchJob = 3;
    public const int ServerUnreachable = 4;
    public const int Canceled = 130;

    /// <summary>As of a program that SIGPIPE ended: who read its output has gone.</summary>
    public const int BrokenPipe = 141;

    public const string Table = """
        Exit codes of drover:
          0    done
          1    the request failed: the server refused it, or something here is in the way
          2    wrong usage
          3    no such job
          4    the server cannot be reached or cannot be started
          141  who read the output has gone (| head)

        `drover run` and `drover wait` exit with the job's own code; of several jobs, the highest. For a job that
        has none:
          124  time limit
          125  lost: nobody saw how it ended; also node failed and preempted
          126  not started: not executable, no such directory, no room, a limit that cannot be kept
          127  not started: no such program
          130  canceled
          137  out of memory
          128 + the number of the signal that ended it
        A job's own 1 to 4 look like drover's: `drover show ID` tells them apart.
        """;
}
