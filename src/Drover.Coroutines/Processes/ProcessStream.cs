namespace Drover.Coroutines;

/// <summary>A pipe as a stream. Libraries leave the loop's thread with ConfigureAwait(false): calls from elsewhere enter it again.</summary>
internal sealed class ProcessStream : Stream
{
    private readonly ProcessOutput? _output;
    private readonly ProcessInput? _input;
    private readonly EventLoop _loop;

    internal ProcessStream(ProcessOutput output)
    {
        _output = output;
        _loop = output.Loop;
    }

    internal ProcessStream(ProcessInput input)
    {
        _input = input;
        _loop = input.Loop;
    }

    public override bool CanRead => _output is not null;

    public override bool CanWrite => _input is not null;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException("A pipe has no length.");

    public override long Position
    {
        get => throw new NotSupportedException("A pipe has no position.");
        set => throw new NotSupportedException("A pipe has no position.");
    }

    private ProcessOutput Output => _output ?? throw new NotSupportedException("This stream is for writing.");

    private ProcessInput Input => _input ?? throw new NotSupportedException("This stream is for reading.");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        await OnLoopAsync(async () => await Output.ReadAsync(buffer), cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        await OnLoopAsync(
            async () =>
            {
                await Input.WriteAsync(buffer);
                return true;
            },
            cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        Block(async () => await Output.ReadAsync(buffer.AsMemory(offset, count)));

    public override void Write(byte[] buffer, int offset, int count) => Block(async () =>
    {
        await Input.WriteAsync(buffer.AsMemory(offset, count));
        return true;
    });

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("A pipe has no position.");

    public override void SetLength(long value) => throw new NotSupportedException("A pipe has no length.");

    protected override void Dispose(bool disposing)
    {
        if (disposing && _input is { } input)
        {
            if (_loop.IsHere)
            {
                input.Close();
            }
            else
            {
                _loop.Post(input.Close);
            }
        }

        base.Dispose(disposing);
    }

    /// <summary>In the caller's coroutine when there is one of this loop, else in a new one.</summary>
    private async Task<T> OnLoopAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        if (SynchronizationContext.Current is not CancelScope scope || scope.Loop != _loop)
        {
            return await _loop.InvokeAsync(call, "stream", cancellationToken).ConfigureAwait(false);
        }

        if (!cancellationToken.CanBeCanceled)
        {
            return await call();
        }

        Outcome<T> outcome = await CancelScope.RunAsync(_ => call(), cancellationToken: cancellationToken);
        return outcome.IsCanceled ? throw new OperationCanceledException(cancellationToken) : outcome.Value;
    }

    private T Block<T>(Func<Task<T>> call) => _loop.IsHere
        ? throw new InvalidOperationException(
            "Waiting for a process here would block the event loop: use the stream's Async methods, or use it in Blocking.RunAsync.")
        : _loop.InvokeAsync(call, "stream").GetAwaiter().GetResult();
}
