using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Drover.Agent.Keeper.Records;

/// <summary>
/// The keeper's memory: a file of JSON lines to which every fact is appended with one write, so that a keeper that is
/// killed leaves whole lines. It is not flushed to the disk: when the machine itself stops, the last facts may be missing,
/// and the attempts of that time are lost anyway. From any thread; blocks as long as the file system does.
/// </summary>
internal sealed class Journal : IDisposable
{
    /// <summary>So many bytes about forgotten attempts may be in the file before it is written anew.</summary>
    internal const long DefaultDeadBytes = 4 << 20;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_line;

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly long _allowedDeadBytes;
    private readonly Dictionary<AttemptId, List<byte[]>> _live = [];
    private byte[] _head = [];
    private int _file;
    private long _length;
    private long _liveBytes;

    private Journal(string path, long allowedDeadBytes)
    {
        _path = path;
        _allowedDeadBytes = allowedDeadBytes;
        _file = OpenFile(path);
    }

    /// <summary>What was in the file when it was opened, in order. A line that cannot be read is left out.</summary>
    internal IReadOnlyList<JournalFact> Earlier { get; private set; } = [];

    /// <summary>How many whole lines could not be read.</summary>
    internal int Unreadable { get; private set; }

    /// <summary>Opens the file, or makes it. What follows its last line end was torn off by the end of its writer, and is cut away.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    internal static Journal Open(string path, long allowedDeadBytes = DefaultDeadBytes)
    {
        var journal = new Journal(path, allowedDeadBytes);
        journal.ReadAll();
        return journal;
    }

    /// <summary>Appends facts, all with one write. When this throws, the file is as it was.</summary>
    /// <exception cref="IOException">It cannot be written, often because the disk is full.</exception>
    internal void Append(params IReadOnlyList<JournalFact> facts)
    {
        byte[][] lines = [.. facts.Select(Serialize)];
        lock (_gate)
        {
            Write(lines.Length == 1 ? lines[0] : [.. lines.SelectMany(line => line)]);
            for (int i = 0; i < lines.Length; i++)
            {
                Remember(facts[i], lines[i]);
            }

            if (facts.Any(fact => fact is JournalFact.Forgotten) && _length - _liveBytes > Math.Max(_allowedDeadBytes, _liveBytes))
            {
                Compact();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _ = Libc.close(_file);
            _file = -1;
        }
    }

    private static byte[] Serialize(JournalFact fact)
    {
        ArrayBufferWriter<byte> line = s_line ??= new ArrayBufferWriter<byte>();
        line.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(line))
        {
            JsonSerializer.Serialize(writer, fact, JournalJson.Default.JournalFact);
        }

        line.Write("\n"u8);
        return line.WrittenSpan.ToArray();
    }

    private static int OpenFile(string path)
    {
        int file = Libc.open(path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_APPEND | Libc.O_CLOEXEC, 0x180); // rw for us alone.
        return file >= 0 ? file : throw new IOException($"Cannot open '{path}': {Libc.LastError()}.");
    }

    private void ReadAll()
    {
        byte[] bytes = File.ReadAllBytes(_path);
        int end = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        if (end < bytes.Length)
        {
            _ = Libc.ftruncate(_file, end);
        }

        _length = end;
        var facts = new List<JournalFact>();
        for (int start = 0; start < end;)
        {
            int length = bytes.AsSpan(start).IndexOf((byte)'\n') + 1;
            byte[] line = bytes[start..(start + length)];
            start += length;
            if (TryRead(line) is { } fact)
            {
                facts.Add(fact);
                Remember(fact, line);
            }
            else
            {
                Unreadable++;
            }
        }

        Earlier = facts;
    }

    private static JournalFact? TryRead(byte[] line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, JournalJson.Default.JournalFact);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null; // Of a later version, or the disk's own mistake.
        }
    }

    private unsafe void Write(ReadOnlySpan<byte> line)
    {
        fixed (byte* bytes = line)
        {
            nint count = Libc.write(_file, bytes, (nuint)line.Length);
            if (count == line.Length)
            {
                _length += count;
                return;
            }

            string why = count < 0 ? Libc.LastError() : "no space left on device";
            _ = Libc.ftruncate(_file, _length);
            throw new IOException($"Cannot write '{_path}': {why}.");
        }
    }

    private void Remember(JournalFact fact, byte[] line)
    {
        switch (fact)
        {
            case JournalFact.KeeperStarted:
                _head = line;
                break;
            case JournalFact.Forgotten(var attempts):
                foreach (AttemptId attempt in attempts)
                {
                    _liveBytes -= _live.Remove(attempt, out List<byte[]>? lines) ? lines.Sum(l => (long)l.Length) : 0;
                }

                break;
            case { Subject: { } subject }:
                ref List<byte[]>? known = ref CollectionsMarshal.GetValueRefOrAddDefault(_live, subject, out _);
                (known ??= new List<byte[]>(3)).Add(line);
                _liveBytes += line.Length;
                break;
        }
    }

    /// <summary>Writes what still counts to a new file and puts that in the old one's place. When it cannot, the old one goes on.</summary>
    private void Compact()
    {
        string path = _path + ".new";
        try
        {
            using (FileStream stream = new(path, FileMode.Create, FileAccess.Write))
            {
                stream.Write(_head);
                foreach (byte[] line in _live.Values.SelectMany(lines => lines))
                {
                    stream.Write(line);
                }
            }

            int file = OpenFile(path);
            File.Move(path, _path, overwrite: true);
            _ = Libc.close(_file);
            _file = file;
            _length = _head.Length + _liveBytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _liveBytes = Math.Max(_liveBytes, 0); // Tried again when more was forgotten.
        }
    }
}
