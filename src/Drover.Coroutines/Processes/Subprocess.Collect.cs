namespace Drover.Coroutines;

/// <content>Running a process for what it writes.</content>
public sealed partial class Subprocess
{
    /// <summary>
    /// Runs a process to its end and returns how it ended and what it wrote: of each stream that is a pipe the last
    /// <see cref="ProcessSpec.MaxCollected"/> bytes. What it wrote itself is complete; children that it leaves behind
    /// are stopped, and what they would still write is not waited for.
    /// </summary>
    /// <param name="spec">What to run.</param>
    /// <param name="input">Written to its standard input, which is a pipe then. A process that does not read all of it is no error.</param>
    /// <exception cref="ProcessStartException">It could not be started.</exception>
    /// <exception cref="ScopeCanceledException">The scope is canceled; the process was stopped.</exception>
    public static Task<ProcessResult> RunAsync(ProcessSpec spec, ReadOnlyMemory<byte> input = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return RunAsync(
            input.IsEmpty ? spec : spec with { Input = InputSource.Pipe },
            process => process.CollectAsync(input));
    }

    private async Task<ProcessResult> CollectAsync(ReadOnlyMemory<byte> input)
    {
        var output = new OutputTail(_spec.MaxCollected);
        var error = new OutputTail(_spec.MaxCollected);
        await TaskGroup.RunAsync(async group =>
        {
            if (_input is not null)
            {
                group.Start(() => FeedAsync(_input, input), "input");
            }

            if (_output is not null)
            {
                group.Start(() => output.ReadAsync(_output), "output");
            }

            if (_error is not null)
            {
                group.Start(() => error.ReadAsync(_error), "error");
            }

            await WaitAsync();
            group.Cancel("the process has ended");
        });
        output.TakeRest(_output);
        error.TakeRest(_error);
        return new ProcessResult(_spec, Exit!, output.Text(), error.Text(), output.IsCut, error.IsCut);
    }

    private static async Task FeedAsync(ProcessInput pipe, ReadOnlyMemory<byte> input)
    {
        try
        {
            await pipe.WriteAsync(input);
        }
        catch (IOException)
        {
            return; // It had read enough. If that was wrong, its exit code says so.
        }

        pipe.Close();
    }
}
