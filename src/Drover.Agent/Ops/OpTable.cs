using System.Text.Json;
using Drover.Agent.Attempts;
using Drover.Agent.Drivers;
using Drover.Protocol.Files;

namespace Drover.Agent.Ops;

/// <summary>The ops of one connection: what the server wants to read. They end with it.</summary>
/// <param name="agent">Whose files.</param>
/// <param name="post">Takes them to the server.</param>
/// <param name="connection">Owns their coroutines.</param>
internal sealed class OpTable(AgentLoop agent, IStreamPost post, TaskGroup connection)
{
    private const int MaxTransfers = 64;
    private const int MaxFollowers = 512;
    private const int MaxCommands = 64; // The server asks for fewer.
    private const string Bytes = "application/octet-stream";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private readonly Dictionary<OpId, Coroutine> _ops = [];
    private readonly Slots _transfers = new(MaxTransfers, "transfers");
    private readonly Slots _followers = new(MaxFollowers, "followed logs");
    private readonly Slots _commands = new(MaxCommands, "commands");

    /// <summary>Begins the op that a message asks for; false when it asks for none. Does not wait.</summary>
    internal bool TryBegin(ServerMessage message)
    {
        switch (message)
        {
            case ServerMessage.ReadLog op:
                Begin(op.Op, op.RunDirectory, $"{(op.Stream == OutputKind.Output ? "stdout" : "stderr")} of {op.Attempt}", () => ReadLogAsync(op), op.Follow && IsGoingOn(op.Attempt) ? _followers : _transfers);
                return true;
            case ServerMessage.ListFiles op:
                Begin(op.Op, op.RunDirectory, $"files of {op.RunDirectory}", () => ListFilesAsync(op), _transfers);
                return true;
            case ServerMessage.ReadFile op:
                Begin(op.Op, op.RunDirectory, $"{op.Path} of {op.RunDirectory}", () => ReadFileAsync(op), _transfers);
                return true;
            case ServerMessage.Exec op:
                Begin(op.Op, op.RunDirectory, $"exec '{(op.Spec.Command is [string program, ..] ? program : "")}' in {op.RunDirectory}", () => ExecAsync(op), _commands);
                return true;
            case ServerMessage.ReadArchive op:
                Begin(op.Op, op.RunDirectory, $"archive of {op.RunDirectory}", () => ReadArchiveAsync(op), _transfers);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Ends an op that nobody waits for any more.</summary>
    internal void End(OpId op)
    {
        if (_ops.TryGetValue(op, out Coroutine? running))
        {
            running.Cancel("nobody waits for it any more");
        }
    }

    /// <param name="op">Which.</param>
    /// <param name="runDirectory">Whose files.</param>
    /// <param name="name">What it is, in words.</param>
    /// <param name="body">The op.</param>
    /// <param name="places">How many of its kind go on at a time: who follows a log for days keeps nobody else from anything.</param>
    private void Begin(OpId op, string runDirectory, string name, Func<Task> body, Slots places)
    {
        if (agent.Purger.IsRemoving(runDirectory))
        {
            SayFailed(op, $"Run directory {runDirectory} is being removed: its time is over.", isNotFound: true);
            return;
        }

        agent.Activity.Begin();
        agent.RunsInUse.Begin(runDirectory);
        _ops[op] = connection.Start(() => RunAsync(op, runDirectory, name, body, places), $"{op}: {name}");
    }

    private async Task RunAsync(OpId op, string runDirectory, string name, Func<Task> body, Slots places)
    {
        try
        {
            Outcome<SlotLease> granted = await CancelScope.MoveOnAfterAsync(s_patience, async () => await places.AcquireAsync(situation: name));
            if (!granted.TryGetValue(out SlotLease? lease))
            {
                throw new DriverException($"The agent is at {places.Capacity} such requests already: try again.");
            }

            using (lease)
            {
                await body();
            }
        }
        catch (Exception e) when (Cause(e) is { } cause)
        {
            agent.Log.Write($"{op} ({name}) failed: {cause.Message}");
            SayFailed(op, cause.Message, cause is DriverException { IsNotFound: true });
        }
        catch (Exception e) when (e is not OperationCanceledException || !CancelScope.Current.IsCanceled)
        {
            // Whatever it is: it is no reason to lose the connection, on which all else hangs.
            agent.Log.Write($"{op} ({name}) failed unexpectedly: {e}");
            SayFailed(op, $"The agent failed at it, for a reason that Drover did not expect ({e.GetType().Name}: {e.Message}). The agent's log has the details.");
        }
        finally
        {
            _ops.Remove(op);
            agent.RunsInUse.End(runDirectory);
            agent.Activity.End();
        }
    }

    private void SayFailed(OpId op, string message, bool isNotFound = false) =>
        agent.Outbox.Say(new AgentMessage.OpFailed(op, isNotFound, Bounds.Begin(message)));

    private bool IsGoingOn(AttemptId attempt) => agent.Attempts.Find(attempt) is { Over.IsSet: false };

    private async Task ReadLogAsync(ServerMessage.ReadLog op)
    {
        Attempt? attempt = agent.Attempts.Find(op.Attempt);
        if (attempt is not null)
        {
            await attempt.Begun.WaitAsync("its start");
        }

        await using Stream log = await agent.Driver.OpenLogAsync(op.Attempt, op.RunDirectory, op.Stream);
        (long offset, _) = await LogCopy.SeekAsync(log, op.Offset);
        await SendAsync(op.Op, Bytes, [(AgentProtocol.OffsetHeader, offset)], body => attempt is not null && op.Follow
            ? LogCopy.FollowAsync(log, body, attempt)
            : LogCopy.CopyAsync(log, body));
    }

    private async Task ListFilesAsync(ServerMessage.ListFiles op)
    {
        FileList files = await agent.Driver.ListFilesAsync(op.RunDirectory, op.Path);
        await SendAsync(op.Op, "application/json", [], body =>
            JsonSerializer.SerializeAsync(body, files, ProtocolJson.Default.FileList, CancelScope.Current.Token));
    }

    private async Task ReadFileAsync(ServerMessage.ReadFile op)
    {
        await using Stream file = await agent.Driver.OpenFileAsync(op.RunDirectory, op.Path);
        (long offset, long total) = await LogCopy.SeekAsync(file, op.Offset);
        long length = Math.Min(op.Length ?? long.MaxValue, Math.Max(0, total - offset)); // What comes later was not asked for.
        await SendAsync(
            op.Op,
            Bytes,
            [
                (AgentProtocol.OffsetHeader, offset),
                (AgentProtocol.TotalHeader, total),
                .. file is FileStream opened ? [(AgentProtocol.ModifiedHeader, ModifiedAt(opened))] : Array.Empty<(string, long)>(),
            ],
            body => op.Checksum is { } checksum ? WriteWithChecksumAsync(file, body, checksum, offset, length) : WriteAsync(file, body, length),
            length + HashedStream.LengthOf(op.Checksum));
    }

    private Task ExecAsync(ServerMessage.Exec op) => op.Spec.Command.Count == 0 ? throw new DriverException("There is no command.") : SendAsync(op.Op, ExecFrames.MediaType, [], async body =>
    {
        var frames = new ExecFrameWriter(body);
        Ending ending = await agent.Driver.ExecAsync(
            op, (kind, bytes) => frames.WriteAsync(kind == OutputKind.Output ? ExecFrames.Output : ExecFrames.Error, bytes));
        await frames.WriteAsync(
            ExecFrames.Result, JsonSerializer.SerializeToUtf8Bytes(new ExecResult { Ending = ending }, ProtocolJson.Default.ExecResult));
    });

    private static long ModifiedAt(FileStream file) => (FileTimes.WrittenAt(file.SafeFileHandle) - DateTime.UnixEpoch).Ticks;

    private static async Task WriteAsync(Stream file, Stream body, long length)
    {
        if (await LogCopy.CopyAsync(file, body, length) < length)
        {
            throw new IOException("The file became shorter while it was read.");
        }
    }

    /// <summary>With the checksum of the file from its first byte on, although not all of it is sent.</summary>
    private static async Task WriteWithChecksumAsync(Stream file, Stream body, Checksum checksum, long offset, long length)
    {
        await using var hashed = new HashedStream(body, checksum);
        hashed.IsMuted = true;
        file.Position = 0;
        await LogCopy.CopyAsync(file, hashed, offset);
        hashed.IsMuted = false;
        await WriteAsync(file, hashed, length);
        await hashed.WriteChecksumAsync(CancelScope.Current.Token);
    }

    private async Task ReadArchiveAsync(ServerMessage.ReadArchive op)
    {
        ArchiveCopy archive = await agent.Driver.OpenArchiveAsync(op.RunDirectory, op.Path, op.Patterns);
        await SendAsync(
            op.Op,
            "application/x-tar",
            [(AgentProtocol.TotalHeader, archive.Bytes), (AgentProtocol.FilesHeader, archive.Files)],
            body =>
            {
                Coroutine.Current.Situation = "the server to take more";
                return op.Checksum is { } checksum ? WriteWithChecksumAsync(archive, body, checksum) : archive.WriteAsync(body, CancelScope.Current.Token);
            });
    }

    private static async Task WriteWithChecksumAsync(ArchiveCopy archive, Stream body, Checksum checksum)
    {
        await using var hashed = new HashedStream(body, checksum);
        await archive.WriteAsync(hashed, CancelScope.Current.Token);
        await hashed.WriteChecksumAsync(CancelScope.Current.Token);
    }

    private async Task SendAsync(OpId op, string mediaType, IReadOnlyList<(string Header, long Value)> place, Func<Stream, Task> write, long? length = null)
    {
        if (await post.SendAsync(op, mediaType, place, write, length) is { } refusal)
        {
            agent.Log.Write($"{op} ended early: {refusal.Why}.");
            if (!refusal.IsUnwanted)
            {
                SayFailed(op, $"The agent could not send it: {refusal.Why}."); // Somebody between may have refused it.
            }
        }
    }

    /// <summary>What made an op fail, when that is its surroundings and no bug.</summary>
    private static Exception? Cause(Exception e) => e switch
    {
        DriverException or IOException or UnauthorizedAccessException => e,
        TaskGroupException { InnerExceptions: var all } when all.All(one => Cause(one) is not null) => Cause(all[0]),
        _ => null,
    };
}
