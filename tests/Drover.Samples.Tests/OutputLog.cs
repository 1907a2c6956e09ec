using System.Text;

namespace Drover.Samples.Tests;

/// <summary>What a sample printed, and a way to wait until it has printed something. From any thread.</summary>
internal sealed class OutputLog : TextWriter
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();
    private readonly List<Expectation> _expected = [];

    public override Encoding Encoding => Encoding.UTF8;

    public string Text
    {
        get
        {
            lock (_lock)
            {
                return _text.ToString();
            }
        }
    }

    public string[] Lines => Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void WriteLine(string? value) => Write($"{value}\n");

    public override void Write(string? value)
    {
        lock (_lock)
        {
            _text.Append(value);
            Tell();
        }
    }

    /// <summary>Ends when the sample has printed <paramref name="words"/>.</summary>
    public Task WaitForAsync(string words)
    {
        var expectation = new Expectation(words);
        lock (_lock)
        {
            _expected.Add(expectation);
            Tell();
        }

        return expectation.Task;
    }

    private void Tell()
    {
        string text = _text.ToString();
        _expected.RemoveAll(expectation => text.Contains(expectation.Words, StringComparison.Ordinal) && expectation.TrySetResult());
    }

    private sealed class Expectation(string words) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public string Words { get; } = words;
    }
}
