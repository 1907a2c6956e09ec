using System.Text;

namespace Drover.Cli.Consoles;

/// <summary>Where a command writes to: its two streams, and what they can show.</summary>
internal sealed class Terminal
{
    private readonly Lock _lock = new();
    private string _live = "";
    private bool _isInLine;

    /// <summary>What was asked for: results, and nothing else.</summary>
    public required Stream Output { get; init; }

    /// <summary>What is said about it.</summary>
    public required Stream Error { get; init; }

    public bool IsOutputTerminal { get; init; }

    public bool IsErrorTerminal { get; init; }

    /// <summary>How many columns the output has; unlimited when it is no terminal.</summary>
    public int Width { get; init; } = int.MaxValue;

    /// <summary>How many columns the live line may take.</summary>
    public int ErrorWidth { get; init; } = 80;

    public bool HasColors { get; init; }

    /// <summary>The process's own streams.</summary>
    public static Terminal Standard(Func<string, string?> environment)
    {
        bool output = Libc.isatty(1) == 1;
        bool error = Libc.isatty(2) == 1;
        bool isDumb = environment("TERM") is null or "" or "dumb";
        return new Terminal
        {
            Output = new StandardStream(1),
            Error = new StandardStream(2),
            IsOutputTerminal = output,
            IsErrorTerminal = error && !isDumb,
            Width = output ? Columns(1) : int.MaxValue,
            ErrorWidth = error ? Columns(2) : 80,
            HasColors = WantsColors(output && !isDumb, environment),
        };
    }

    /// <summary>Writes lines to the output.</summary>
    public void Write(string text) => WriteOutput(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes a line to the output.</summary>
    public void WriteLine(string line) => Write(line + "\n");

    /// <summary>Says a sentence on the error stream, as drover: between what a job writes there.</summary>
    public void Say(string sentence)
    {
        lock (_lock)
        {
            Erase();
            byte[] line = Encoding.UTF8.GetBytes($"{(_isInLine && IsErrorTerminal ? "\n" : "")}drover: {sentence}\n");
            _isInLine = false;
            WriteError(line);
            Draw();
        }
    }

    /// <summary>Writes text to the error stream as it is.</summary>
    public void WriteErrorText(string text)
    {
        lock (_lock)
        {
            Erase();
            WriteError(Encoding.UTF8.GetBytes(text));
            Draw();
        }
    }

    /// <summary>Shows a line below everything else that stays until it is replaced; empty for none. Nothing without a terminal.</summary>
    public void Live(string line)
    {
        if (!IsErrorTerminal)
        {
            return;
        }

        lock (_lock)
        {
            if (line != _live)
            {
                Erase();
                _live = line;
                Draw();
            }
        }
    }

    /// <summary>Passes on what a job wrote, byte for byte.</summary>
    public void Pass(ReadOnlySpan<byte> bytes, bool toError)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        bool isShown = toError ? IsErrorTerminal : IsOutputTerminal;
        if (!isShown && !toError)
        {
            // Not in the way of the live line, and who reads it slowly must not hold up the rest.
            Output.Write(bytes);
            return;
        }

        lock (_lock)
        {
            if (isShown)
            {
                Erase();
            }

            (toError ? Error : Output).Write(bytes);
            if (isShown)
            {
                // Within a line of the job there is no place for the live one.
                _isInLine = bytes[^1] != (byte)'\n';
                Draw();
            }
        }
    }

    /// <summary>Colors are for terminals that can; https://no-color.org and https://bixense.com/clicolors say who may decide otherwise.</summary>
    internal static bool WantsColors(bool isTerminal, Func<string, string?> environment) =>
        string.IsNullOrEmpty(environment("NO_COLOR"))
        && (environment("CLICOLOR_FORCE") is { Length: > 0 } and not "0" || (isTerminal && environment("CLICOLOR") != "0"));

    private static unsafe int Columns(int descriptor)
    {
        Libc.WindowSize size;
        return Libc.ioctl(descriptor, Libc.TIOCGWINSZ, &size) == 0 && size.Columns > 0 ? size.Columns : 80;
    }

    private void WriteOutput(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            Output.Write(bytes);
        }
    }

    private void WriteError(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Error.Write(bytes);
        }
        catch (IOException)
        {
            // There is nobody left to tell.
        }
    }

    private void Draw()
    {
        if (_live.Length > 0 && !_isInLine)
        {
            WriteError(Encoding.UTF8.GetBytes(Text.Plain.Cut(_live, ErrorWidth - 1)));
        }
    }

    private void Erase()
    {
        if (_live.Length > 0 && !_isInLine)
        {
            WriteError("\r\e[K"u8);
        }
    }
}
