namespace Drover.Chaos.Tests;

/// <summary>What the jobs do: see job.sh.</summary>
public enum JobKind
{
    /// <summary>Sleeps, and succeeds.</summary>
    Plain,

    /// <summary>Sleeps, and exits with a code of its own.</summary>
    Failing,

    /// <summary>Writes a pattern to both streams.</summary>
    Chatty,

    /// <summary>Leaves processes behind, in sessions of their own and deaf to SIGTERM.</summary>
    Forking,

    /// <summary>Ignores SIGTERM until it is killed; canceled.</summary>
    Stubborn,

    /// <summary>Ends itself at SIGTERM; canceled.</summary>
    Polite,

    /// <summary>Does not end before its time limit.</summary>
    Endless,

    /// <summary>Ends itself with SIGSEGV.</summary>
    Crash,

    /// <summary>Exits with 75 until its third attempt.</summary>
    Retry,

    /// <summary>Shares its run directory with others of its kind.</summary>
    Shared,

    /// <summary>Six jobs of an array.</summary>
    Array,

    /// <summary>Comes after a failing job, which keeps it from running.</summary>
    Dependent,

    /// <summary>Has a program that does not exist.</summary>
    Missing,
}
