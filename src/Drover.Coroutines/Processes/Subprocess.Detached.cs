namespace Drover.Coroutines;

/// <content>Processes that outlive this program.</content>
public sealed partial class Subprocess
{
    /// <summary>
    /// Starts a process that nobody here owns: in a session of its own, so that neither the end of this program nor of
    /// its terminal ends it. Returns when it runs. When it ends while the loop runs, it is reaped; nobody is told.
    /// Starting does not block the loop.
    /// </summary>
    /// <param name="spec">
    /// What to start. Its streams cannot be pipes, since nobody would be there to read them; that it is to have a session
    /// of its own need not be said, and how long it may take to stop does not matter.
    /// </param>
    /// <returns>The process's number, which is its group's and its session's too.</returns>
    /// <exception cref="ArgumentException">A stream is a pipe, or the specification contradicts itself; nothing was started.</exception>
    /// <exception cref="ProcessStartException">It could not be started.</exception>
    /// <exception cref="ScopeCanceledException">The scope is canceled. A start that had begun by then was completed.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static async Task<int> StartDetachedAsync(ProcessSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Input is InputSource.FromPipe || spec.Output is OutputTarget.ToPipe || spec.Error is OutputTarget.ToPipe)
        {
            throw new ArgumentException($"A detached process cannot have pipes: nobody would be left at the other end of '{spec.FileName}'.", nameof(spec));
        }

        EventLoop loop = CancelScope.Current.Loop;
        Launch.Started started = await LaunchAsync(spec with { NewSession = true }, endsWithUs: false);
        ReapWhenEnded(loop, started.Group);
        return started.Group.Id;
    }

    private static void ReapWhenEnded(EventLoop loop, ProcessGroup group)
    {
        if (group.TryGetExit() is null)
        {
            group.Watch(loop, () => ReapWhenEnded(loop, group));
        }
        else
        {
            group.Release();
            group.Close(loop);
        }
    }
}
