using System.Runtime.InteropServices;

namespace Drover.Coroutines;

/// <summary>What the system's error numbers mean when a process is started.</summary>
internal static class StartErrors
{
    internal static ProcessStartException NoSuchProgram(ProcessSpec spec, string path) => new(
        ProcessStartFailure.NoSuchProgram,
        Libc.ENOENT,
        spec.FileName.Contains('/')
            ? $"Cannot start '{spec.FileName}': there is no such file{In(spec)}."
            : $"Cannot start '{spec.FileName}': there is no such program in the PATH '{path}'.");

    internal static ProcessStartException NoSuchDirectory(ProcessSpec spec, int error) => new(
        ProcessStartFailure.NoSuchDirectory, error, $"Cannot start '{spec.FileName}' in '{spec.WorkingDirectory}': {Words(error)}.");

    internal static ProcessStartException CannotOpen(ProcessSpec spec, string file, int error) => error is Libc.EMFILE or Libc.ENFILE
        ? NoResources(spec, error)
        : new ProcessStartException(
            ProcessStartFailure.CannotOpenFile, error, $"Cannot start '{spec.FileName}': cannot open '{file}': {Words(error)}.");

    internal static ProcessStartException NoResources(ProcessSpec spec, int error) => new(
        ProcessStartFailure.OutOfResources, error, $"Cannot start '{spec.FileName}': {Words(error)}.");

    /// <summary>posix_spawn has failed with <paramref name="error"/> for the program <paramref name="path"/>.</summary>
    internal static ProcessStartException FromSpawn(ProcessSpec spec, string path, int error)
    {
        string seenFromHere = Path.Combine(spec.WorkingDirectory ?? "", path);
        return error switch
        {
            Libc.ENOENT when File.Exists(seenFromHere) => NotExecutable(spec, error, $"the interpreter that its first line names does not exist{Interpreter(seenFromHere)}"),
            Libc.ENOENT or Libc.ENOTDIR => NoSuchProgram(spec, ""),
            Libc.EACCES when Directory.Exists(seenFromHere) => NotExecutable(spec, error, "it is a directory"),
            Libc.EACCES => NotExecutable(spec, error, $"'{seenFromHere}' may not be executed: permission denied"),
            Libc.ENOEXEC => NotExecutable(spec, error, "it is not a program, and a script's first line must be #! with its interpreter"),
            Libc.ETXTBSY => NotExecutable(spec, error, "the file is open for writing"),
            Libc.E2BIG => new ProcessStartException(
                ProcessStartFailure.TooLong, error, $"Cannot start '{spec.FileName}': its arguments and environment are too long together."),
            Libc.EAGAIN or Libc.ENOMEM or Libc.EMFILE or Libc.ENFILE => NoResources(spec, error),
            _ => new ProcessStartException(
                ProcessStartFailure.Other, error, $"Cannot start '{spec.FileName}': {Words(error)} (error {error})."),
        };
    }

    internal static ProcessStartException NotExecutable(ProcessSpec spec, int error, string why) => new(
        ProcessStartFailure.NotExecutable, error, $"Cannot start '{spec.FileName}'{In(spec)}: {why}.");

    /// <summary>What follows #! there; empty when that cannot be read.</summary>
    private static string Interpreter(string script)
    {
        const int LongestLine = 255;
        try
        {
            using FileStream file = File.OpenRead(script);
            Span<byte> start = stackalloc byte[LongestLine];
            start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
            int end = start.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? start : start[..end];
            return line.StartsWith("#!"u8) ? $": '{System.Text.Encoding.UTF8.GetString(line[2..]).Trim()}'" : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string In(ProcessSpec spec) => spec.WorkingDirectory is { } directory ? $" in '{directory}'" : "";

    private static string Words(int error)
    {
        string words = Marshal.GetPInvokeErrorMessage(error);
        return char.ToLowerInvariant(words[0]) + words[1..];
    }
}
