using System.Diagnostics;
using System.Runtime.InteropServices;
using Drover.Bench.Orchestration;

namespace Drover.Bench.Jobs;

/// <summary>Sees from outside when processes end: through a file for each (pidfd_open(2)), whoever has its number later.</summary>
internal sealed partial class ProcessEnds : IDisposable
{
    private const nint PidFdOpen = 434;
    private const short Readable = 1;

    // A number below zero is not looked at (poll(2)).
    private const int Seen = -1;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly int[] _files;

    private ProcessEnds(int[] files) => _files = files;

    /// <exception cref="BenchmarkException">One of them does not run.</exception>
    public static ProcessEnds Watch(IEnumerable<int> ids) => new([.. ids.Select(id =>
        (int)SystemCall(PidFdOpen, id, 0) is >= 0 and var file ? file : throw new BenchmarkException($"process {id} has ended already"))]);

    /// <summary>Blocks until all have ended.</summary>
    /// <returns>For each process the milliseconds since the timestamp.</returns>
    /// <exception cref="BenchmarkException">Some still run after a minute.</exception>
    public double[] WaitForAll(long since)
    {
        var polled = Array.ConvertAll(_files, file => new Polled { File = file, Events = Readable });
        var milliseconds = new double[polled.Length];
        for (var left = polled.Length; left > 0;)
        {
            var patience = s_patience - Stopwatch.GetElapsedTime(since);
            if (patience <= TimeSpan.Zero || Poll(polled, (nuint)polled.Length, (int)patience.TotalMilliseconds) == 0)
            {
                throw new BenchmarkException($"{left} of {polled.Length} processes still run after a minute");
            }

            var elapsed = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
            for (var place = 0; place < polled.Length; place++)
            {
                if (polled[place].File != Seen && polled[place].Returned != 0)
                {
                    polled[place].File = Seen;
                    milliseconds[place] = elapsed;
                    left--;
                }
            }
        }

        return milliseconds;
    }

    public void Dispose() => Array.ForEach(_files, file => _ = Close(file));

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number, nint id, nint flags);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll([In, Out] Polled[] files, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Polled
    {
        public int File;
        public short Events;
        public short Returned;
    }
}
