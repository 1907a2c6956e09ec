namespace Drover.Coroutines;

/// <summary>
/// The groups whose scopes are open. What is left of them when this program ends
/// (a return from Main, Environment.Exit, SIGTERM) is killed.
/// </summary>
internal static class LiveGroups
{
    private static readonly HashSet<ProcessGroup> s_groups = [];

    /// <summary>No lock: one that is contended would be reported as a blocking wait of the loop. It is held for a microsecond.</summary>
    private static SpinLock s_gate = new(enableThreadOwnerTracking: false);

    static LiveGroups() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => Apart(static _ =>
    {
        foreach (ProcessGroup group in s_groups)
        {
            group.Signal(UnixSignal.SIGKILL);
        }
    });

    internal static void Add(ProcessGroup group) => Apart(static group => s_groups.Add(group!), group);

    internal static void Remove(ProcessGroup group) => Apart(static group => s_groups.Remove(group!), group);

    /// <summary>Acts while no group is killed: reaping frees a number, which could become somebody else's.</summary>
    internal static void Apart(Action<ProcessGroup?> act, ProcessGroup? group = null)
    {
        bool isTaken = false;
        try
        {
            s_gate.Enter(ref isTaken);
            act(group);
        }
        finally
        {
            if (isTaken)
            {
                s_gate.Exit();
            }
        }
    }
}
