namespace Drover.Coroutines;

/// <summary>How a process ended. A closed choice: switch over the nested cases.</summary>
public abstract record ProcessExit
{
    private ProcessExit()
    {
    }

    /// <summary>Whether it exited with code 0.</summary>
    public bool IsSuccess => this is Exited { Code: 0 };

    /// <summary>It exited by itself.</summary>
    /// <param name="Code">The exit code, 0 to 255.</param>
    public sealed record Exited(int Code) : ProcessExit
    {
        /// <inheritdoc/>
        public override string ToString() => $"exited with code {Code}";
    }

    /// <summary>A signal ended it.</summary>
    /// <param name="Signal">Which.</param>
    /// <param name="DumpedCore">Whether the kernel wrote a core file.</param>
    public sealed record Signaled(UnixSignal Signal, bool DumpedCore) : ProcessExit
    {
        /// <summary>The signal's number.</summary>
        public int Number => (int)Signal;

        /// <inheritdoc/>
        public override string ToString() => $"was ended by {Name}{(DumpedCore ? " (core dumped)" : "")}";

        /// <summary>The signal's name, as in the manual; a real-time signal is called after its number.</summary>
        public string Name => Enum.IsDefined(Signal) ? Signal.ToString() : $"signal {Number}";
    }

    /// <summary>
    /// It has ended, but somebody else took the news: this process was started with SIGCHLD ignored, or other code in it
    /// waits for every child.
    /// </summary>
    public sealed record Unknown : ProcessExit
    {
        /// <inheritdoc/>
        public override string ToString() => "ended in an unknown way, since something else in this program waits for its children";
    }
}
