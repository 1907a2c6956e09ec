using System.Globalization;
using System.Text;

namespace Drover.Agent;

/// <summary>What others see of this process's arguments (ps, /proc/PID/cmdline).</summary>
internal static class CommandLine
{
    /// <summary>
    /// Writes <paramref name="replacement"/> over every place where <paramref name="secret"/> stands in them. Until it has
    /// run, the secret could be read there: who can, gives it in the environment or in a file. Linux only.
    /// </summary>
    /// <param name="secret">What to hide.</param>
    /// <param name="replacement">As long as the secret, in bytes.</param>
    /// <returns>Whether it stood there and does not any more.</returns>
    internal static bool Overwrite(string secret, string replacement)
    {
        byte[] shown = Encoding.UTF8.GetBytes(secret);
        byte[] hidden = Encoding.UTF8.GetBytes(replacement);
        if (shown.Length == 0 || shown.Length != hidden.Length)
        {
            throw new ArgumentException("It has to be as long as the secret.", nameof(replacement));
        }

        try
        {
            byte[] arguments = File.ReadAllBytes("/proc/self/cmdline");
            long begin = FirstArgument(File.ReadAllText("/proc/self/stat"));
            using var memory = new FileStream("/proc/self/mem", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            bool found = false;
            for (int at = 0, next; (next = arguments.AsSpan(at).IndexOf(shown)) >= 0; at += next + hidden.Length)
            {
                memory.Position = begin + at + next;
                memory.Write(hidden);
                found = true;
            }

            return found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // Hardened kernels forbid it.
        }
    }

    /// <summary>Field 48 of proc_pid_stat(5): where the arguments begin. The name in field 2 may have spaces.</summary>
    private static long FirstArgument(string stat) =>
        long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[48 - 3], CultureInfo.InvariantCulture);
}
