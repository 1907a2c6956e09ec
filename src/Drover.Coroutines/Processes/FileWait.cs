namespace Drover.Coroutines;

/// <summary>
/// The wait of one coroutine until a file can be read or written. Nothing is read before that, so one that is canceled
/// loses nothing. Each file has one, which is used again and again.
/// </summary>
internal sealed class FileWait : WaitNode
{
    private readonly EventLoop _loop;
    private readonly int _file;
    private readonly bool _forWriting;
    private readonly string _what;
    private readonly Action _ready;

    /// <param name="loop">Whose poller watches.</param>
    /// <param name="file">The file's number.</param>
    /// <param name="forWriting">Whether it is to be written.</param>
    /// <param name="what">Words for the tree.</param>
    internal FileWait(EventLoop loop, int file, bool forWriting, string what)
    {
        _loop = loop;
        _file = file;
        _forWriting = forWriting;
        _what = what;
        _ready = Ready;
    }

    internal ValueTask ReadyAsync()
    {
        CancelScope scope = CancelScope.Current;
        Begin(scope, null);
        if (scope.Origin is { } origin)
        {
            RefuseAfterTurn(origin);
        }
        else
        {
            _loop.OutsideWaits++;
            _loop.Poller.Watch(_file, _forWriting, _ready);
        }

        return AsValueTask();
    }

    /// <summary>Ends the wait, if there is one, since the file is about to be closed.</summary>
    internal void End(object why)
    {
        if (IsParked)
        {
            Withdraw();
            Refuse(why);
        }
    }

    internal override string DescribeKind() => _what;

    private protected override void Withdraw()
    {
        _loop.Poller.Unwatch(_file);
        _loop.OutsideWaits--;
    }

    private protected override void Recycle()
    {
    }

    private void Ready()
    {
        _loop.OutsideWaits--;
        Complete();
    }
}
