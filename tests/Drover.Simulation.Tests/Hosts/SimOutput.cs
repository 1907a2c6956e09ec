using System.Globalization;
using System.Text;

namespace Drover.Simulation.Tests.Hosts;

/// <summary>What an attempt writes: line after line while it runs. Everybody can say what they should read.</summary>
internal sealed class SimOutput(AttemptId attempt, string user, DateTimeOffset startedAt)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(4);
    private DateTimeOffset? _endedAt;

    internal void End() => _endedAt ??= World.Now;

    /// <summary>All that is there by now.</summary>
    internal byte[] Text => Lines(attempt, user, 1 + (int)Math.Min(40, ((_endedAt ?? World.Now) - startedAt) / s_pause));

    /// <summary>So many lines.</summary>
    private static byte[] Lines(AttemptId attempt, string user, int count) => Encoding.UTF8.GetBytes(string.Concat(
        Enumerable.Range(1, count).Select(line => string.Create(CultureInfo.InvariantCulture, $"line {line} of {attempt} of {user}\n"))));

    /// <summary>Whether this is what could be read from an offset, without a gap; and all of it when <paramref name="isAll"/>.</summary>
    internal bool Fits(ReadOnlySpan<byte> read, long offset, bool isAll)
    {
        ReadOnlySpan<byte> rest = Text.AsSpan((int)Math.Min(offset, Text.Length));
        return isAll ? read.SequenceEqual(rest) : rest.StartsWith(read);
    }

    /// <summary>What a file of a run directory has in it.</summary>
    internal static byte[] FileText(string runDirectory, string path, string user) => Encoding.UTF8.GetBytes(
        string.Concat(Enumerable.Repeat($"{path} of run directory {runDirectory} of {user}\n", 1 + (path.Length % 7 * 10))));
}

/// <summary>A file that is in memory, and longer each time one looks.</summary>
internal sealed class GrowingLog(SimOutput output) : MemoryStream
{
    private bool _isGrowing;

    public override long Length
    {
        get
        {
            Grow();
            return base.Length;
        }
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        Grow();
        return base.Read(buffer, offset, count);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Grow();
        return new ValueTask<int>(base.Read(buffer.Span)); // At once: whoever waits here would wait on another thread.
    }

    private void Grow()
    {
        int length = (int)base.Length;
        if (_isGrowing || output.Text is not { } text || text.Length <= length)
        {
            return;
        }

        _isGrowing = true; // To write asks for the length again.
        long place = Position;
        Position = length;
        Write(text, length, text.Length - length);
        Position = place;
        _isGrowing = false;
    }
}
