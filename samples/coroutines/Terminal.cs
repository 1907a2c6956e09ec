using System.Runtime.InteropServices;

namespace Drover.Samples;

/// <summary>A progress line and a beep while you type.</summary>
/// <remarks>
/// Notice:
/// - Reading a terminal blocks, so a thread does it; the progress goes on meanwhile. When the work is done first, the
///   read is abandoned: nobody can interrupt it, and nobody needs to wait for it.
/// - The work races against the keyboard. FirstAsync cancels the loser, whichever it is.
/// - A signal arrives on some other thread. Cancel may be called from there; everything inside the scope ends by itself,
///   finally blocks included, and the terminal is left as it was found.
/// </remarks>
internal sealed class Terminal(TextReader input, TextWriter output, int steps)
{
    // The progress has a line of its own above the one that is typed on, so that neither overwrites the other.
    private const string ToProgressLine = "\e7\e[A\r\e[K"; // Remember the cursor, go one line up, clear that line.
    private const string BackToInput = "\e8";
    private const string RemoveProgressLine = "\e[2A\e[M\e[B\r"; // After Enter: two lines up, delete it, and back down.
    private const string RemoveBothLines = "\r\e[K\e[A\e[K";
    private const string Beep = "\a";

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync()
    {
        Outcome<string> ending = await CancelScope.RunAsync(async scope =>
        {
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
            output.WriteLine("Type something. \"quit\" ends it.\n");
            try
            {
                return await TaskGroup.FirstAsync(WorkAsync, AnswerAsync);
            }
            finally
            {
                output.Write(RemoveBothLines);
            }

            void Cancel(PosixSignalContext signal)
            {
                signal.Cancel = true; // Do not end the process: we do, in good order.
                scope.Cancel($"{signal.Signal}");
            }
        });

        output.WriteLine(ending.HasValue ? ending.Value : $"Interrupted: {ending.Reason}");
        return ending.HasValue ? 0 : 130;
    }

    private async Task<string> WorkAsync()
    {
        for (int step = 1; step <= steps; step++)
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(100));
            int percent = 100 * step / steps;
            output.Write($"{ToProgressLine}[{new string('#', percent / 4),-25}] {percent} %{BackToInput}");
        }

        output.Write(Beep);
        return "The work is done.";
    }

    private async Task<string> AnswerAsync()
    {
        while (await ReadLineAsync() is { } line)
        {
            bool quits = line == "quit";
            output.WriteLine(RemoveProgressLine + (quits ? "" : $"You typed {line.Length} characters: {line}\n"));
            if (quits)
            {
                return "Goodbye.";
            }
        }

        return "The input has ended.";
    }

    private ValueTask<string?> ReadLineAsync() =>
        Blocking.RunAsync(input.ReadLine, WhenCanceled.Abandon, situation: "a line from the terminal");
}
