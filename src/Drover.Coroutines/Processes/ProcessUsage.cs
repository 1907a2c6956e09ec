namespace Drover.Coroutines;

/// <summary>What a process used, with the children that it waited for, as the kernel counted it: see getrusage(2).</summary>
/// <param name="Processor">Processor time, of user and kernel together.</param>
/// <param name="MaxResidentBytes">
/// The largest resident set of any one of these processes. The kernel counts what this program occupied when it started
/// the process too, so smaller values than that do not occur.
/// </param>
public sealed record ProcessUsage(TimeSpan Processor, long MaxResidentBytes)
{
    /// <summary>Null where the system did not tell, which is when everything is zero.</summary>
    internal static ProcessUsage? From(Libc.ResourceUsage used) => used.MaxResidentKibibytes == 0
        ? null
        : new ProcessUsage(
            TimeSpan.FromSeconds(used.UserSeconds + used.SystemSeconds)
                + TimeSpan.FromMicroseconds(used.UserMicroseconds + used.SystemMicroseconds),
            used.MaxResidentKibibytes * 1024);
}
