namespace Drover.Coroutines;

/// <summary>The signals of Linux on x86 and Arm, named and numbered as in signal(7).</summary>
public enum UnixSignal
{
    /// <summary>The terminal or its process is gone; for daemons by custom: read the configuration again.</summary>
    SIGHUP = 1,

    /// <summary>Interrupted from the keyboard.</summary>
    SIGINT = 2,

    /// <summary>Quit from the keyboard, with a core dump.</summary>
    SIGQUIT = 3,

    /// <summary>Illegal instruction.</summary>
    SIGILL = 4,

    /// <summary>A debugger's trap.</summary>
    SIGTRAP = 5,

    /// <summary>abort(3).</summary>
    SIGABRT = 6,

    /// <summary>Bad memory access: no such address.</summary>
    SIGBUS = 7,

    /// <summary>Arithmetic error.</summary>
    SIGFPE = 8,

    /// <summary>Ends the process; cannot be caught.</summary>
    SIGKILL = 9,

    /// <summary>The program's own use.</summary>
    SIGUSR1 = 10,

    /// <summary>Bad memory access: not allowed.</summary>
    SIGSEGV = 11,

    /// <summary>The program's own use.</summary>
    SIGUSR2 = 12,

    /// <summary>Written to a pipe that nobody reads.</summary>
    SIGPIPE = 13,

    /// <summary>alarm(2).</summary>
    SIGALRM = 14,

    /// <summary>A request to end.</summary>
    SIGTERM = 15,

    /// <summary>A fault of the coprocessor.</summary>
    SIGSTKFLT = 16,

    /// <summary>A child has stopped or ended.</summary>
    SIGCHLD = 17,

    /// <summary>Goes on after a stop.</summary>
    SIGCONT = 18,

    /// <summary>Stops the process; cannot be caught.</summary>
    SIGSTOP = 19,

    /// <summary>Stopped from the keyboard.</summary>
    SIGTSTP = 20,

    /// <summary>Reads the terminal in the background.</summary>
    SIGTTIN = 21,

    /// <summary>Writes to the terminal in the background.</summary>
    SIGTTOU = 22,

    /// <summary>Urgent data on a socket.</summary>
    SIGURG = 23,

    /// <summary>The limit of processor time.</summary>
    SIGXCPU = 24,

    /// <summary>The limit of a file's size.</summary>
    SIGXFSZ = 25,

    /// <summary>setitimer(2).</summary>
    SIGVTALRM = 26,

    /// <summary>The profiler's timer.</summary>
    SIGPROF = 27,

    /// <summary>The terminal's window has another size.</summary>
    SIGWINCH = 28,

    /// <summary>A file can be read or written.</summary>
    SIGIO = 29,

    /// <summary>Power fails.</summary>
    SIGPWR = 30,

    /// <summary>A system call that does not exist or is forbidden.</summary>
    SIGSYS = 31,
}
