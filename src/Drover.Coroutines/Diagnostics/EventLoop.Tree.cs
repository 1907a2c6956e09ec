using System.Text;

namespace Drover.Coroutines;

/// <content>The tree of coroutines, for people and for programs.</content>
public sealed partial class EventLoop
{
    /// <summary>
    /// Every coroutine of the loop: parents before children, oldest first. On the loop's own thread; from elsewhere
    /// <c>await loop.InvokeAsync(loop.Snapshot)</c>.
    /// </summary>
    /// <exception cref="WrongLoopException">The calling thread does not run this loop.</exception>
    public IReadOnlyList<CoroutineInfo> Snapshot()
    {
        CheckHere(this);
        var found = new List<CoroutineInfo>(Coroutines);
        var scopes = new Stack<CancelScope>(Root.Children.Reverse());
        while (scopes.TryPop(out CancelScope? scope))
        {
            if (scope is Coroutine coroutine)
            {
                found.Add(Describe(coroutine));
            }

            foreach (CancelScope child in scope.Children.Reverse())
            {
                scopes.Push(child);
            }
        }

        return found;
    }

    /// <summary>
    /// The tree as text: each coroutine's name, what it waits for, for how long, and where it was started. On the loop's
    /// own thread; from elsewhere <see cref="DumpAsync"/>.
    /// </summary>
    /// <exception cref="WrongLoopException">The calling thread does not run this loop.</exception>
    public string Dump()
    {
        IReadOnlyList<CoroutineInfo> coroutines = Snapshot();
        var text = new StringBuilder();
        text.Append(this).Append(": ").Append(coroutines.Count).Append(coroutines.Count == 1 ? " coroutine, " : " coroutines, ")
            .Append(ReadyCount).Append(" ready, ").Append(Timers.Count).Append(" timers, up ")
            .Append(Durations.Show(Clock.Now - _started)).Append('\n');
        ILookup<int, CoroutineInfo> children = coroutines.ToLookup(c => c.ParentId ?? 0);
        var todo = new Stack<(CoroutineInfo Info, string Indent, bool IsLast)>();
        Push(children[0], "");
        while (todo.TryPop(out var line))
        {
            Append(text, line.Info, line.Indent, line.IsLast);
            Push(children[line.Info.Id], line.Indent + (line.IsLast ? "   " : "│  "));
        }

        return text.ToString();

        void Push(IEnumerable<CoroutineInfo> infos, string indent)
        {
            bool isLast = true;
            foreach (CoroutineInfo info in infos.Reverse())
            {
                todo.Push((info, indent, isLast));
                isLast = false;
            }
        }
    }

    /// <summary>
    /// As <see cref="Dump"/>, from any thread. It waits until the loop comes to it: not while a step blocks the loop.
    /// </summary>
    /// <exception cref="CoroutineException">Through the task: the loop has ended.</exception>
    public Task<string> DumpAsync() => IsHere ? Task.FromResult(Dump()) : InvokeAsync(Dump, "dump");

    private static void Append(StringBuilder text, CoroutineInfo info, string indent, bool isLast)
    {
        text.Append(indent).Append(isLast ? "└─ " : "├─ ").Append(info.Name);
        if (info.Scopes.Count > 0)
        {
            text.Append(" [in ").AppendJoin(", ", info.Scopes).Append(']');
        }

        text.Append(": ").Append(info.Situation);
        if (info.State is CoroutineState.Waiting or CoroutineState.Outside)
        {
            text.Append(", for ").Append(Durations.Show(info.Waited));
        }

        if (info.StartedAt != info.Name && info.StartedAt.Length > 0)
        {
            text.Append("  (").Append(info.StartedAt).Append(')');
        }

        text.Append('\n');
    }

    private CoroutineInfo Describe(Coroutine coroutine)
    {
        WaitNode? wait = coroutine.CurrentWait();
        (CoroutineState state, string situation, long since) =
            coroutine.IsQueued ? (CoroutineState.Queued, "starting", Tick)
            : (SynchronizationContext.Current as CancelScope)?.Owner == coroutine ? (CoroutineState.Running, "running", Tick)
            : wait is not null ? (CoroutineState.Waiting, wait.Describe(), wait.Since)
            : coroutine.IsOutside ? (CoroutineState.Outside, coroutine.DescribeOutside(), coroutine.OutsideSince)
            : (CoroutineState.Ready, "ready", Tick);
        var scopes = new List<string>();
        CancelScope? around = coroutine.Parent;
        for (; around is not null and not Coroutine && around != Root; around = around.Parent)
        {
            if (around.IsNamedInTree || around.IsCanceled)
            {
                scopes.Add(around.DisplayName + (around.IsCanceled ? " (canceled)" : ""));
            }
        }

        return new CoroutineInfo(
            coroutine.Id,
            (around as Coroutine)?.Id,
            coroutine.Name,
            coroutine.StartedAt,
            state,
            situation + (coroutine.IsCanceled ? $" (canceled: {coroutine.Reason})" : ""),
            TimeSpan.FromTicks(Math.Max(0, Clock.Now - since) / Durations.NanosecondsPerTick),
            scopes);
    }
}
