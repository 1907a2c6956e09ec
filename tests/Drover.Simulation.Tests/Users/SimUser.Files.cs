using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Drover.Protocol.Files;
using Drover.Server.Storage;
using Drover.Server.Supervision;
using Drover.Simulation.Tests.Hosts;

namespace Drover.Simulation.Tests.Users;

/// <content>What users read of their jobs, and run beside them.</content>
internal sealed partial class SimUser
{
    /// <summary>Reads what a job wrote, perhaps what it goes on to write for a while: it must be that job's, without a gap.</summary>
    internal async Task ReadLogAsync(JobId id, long offset, bool follow, TimeSpan patience)
    {
        AttemptId attempt = default;
        (bool wasOver, bool wasThere) = (false, false);
        (byte[] Text, AgentStream Head)? read = await ReadAsync(
            id,
            $"log of {id}",
            files => files.BeginAsync(_caller, id, (number, job) =>
            {
                attempt = new AttemptId(id, job.Attempt);
                (wasOver, wasThere) = (world.Truth.EndOf(attempt) is not null, world.OutputOf(attempt) is not null);
                return new ServerMessage.ReadLog(number, attempt, job.RunDirectoryName(), OutputKind.Output, offset, follow);
            }),
            () => wasThere,
            follow ? patience : null);
        if (read is not var (text, head) || world.OutputOf(attempt) is not { } output)
        {
            return;
        }

        if (head.Offset != offset)
        {
            world.Broken($"{name} asked for the log of {id} from {offset}, and is given it from {head.Offset}");
        }

        if (!output.Fits(text, offset, isAll: wasOver))
        {
            world.Broken($"{name} reads '{Encoding.UTF8.GetString(text)}' as the log of job {id} from {offset}, which is '{Encoding.UTF8.GetString(output.Text)}'");
        }
    }

    /// <summary>Reads a part of a file, perhaps with the checksum of all that comes before its end.</summary>
    internal async Task ReadFileAsync(JobId id, string path, long offset, long? length, Checksum? checksum)
    {
        (string directory, bool wasThere) = ("", false);
        (byte[] Text, AgentStream Head)? read = await ReadAsync(
            id,
            $"file {path} of {id}",
            files => files.BeginAsync(_caller, id, (number, job) =>
            {
                directory = job.RunDirectoryName();
                wasThere = path != "missing" && world.HostOf(job.Spec.Site).HasDirectory(name, directory);
                return new ServerMessage.ReadFile(number, directory, path, offset, length, checksum);
            }),
            () => wasThere);
        if (read is not var (text, _))
        {
            return;
        }

        byte[] file = SimOutput.FileText(directory, path, name);
        int from = (int)Math.Min(offset, file.Length);
        int upTo = (int)Math.Min(file.Length, from + (length ?? file.Length));
        byte[] expected = [.. file[from..upTo], .. ChecksumOf(checksum, file.AsSpan(0, upTo))];
        if (!text.SequenceEqual(expected))
        {
            world.Broken($"{name} reads '{Encoding.UTF8.GetString(text)}' as file {path} of job {id}, which is '{Encoding.UTF8.GetString(expected)}'");
        }
    }

    private static byte[] ChecksumOf(Checksum? checksum, ReadOnlySpan<byte> bytes)
    {
        if (checksum is not Checksum.Crc64)
        {
            return checksum is null ? [] : SHA256.HashData(bytes);
        }

        var crc = default(Crc64);
        crc.Append(bytes);
        byte[] text = new byte[Crc64.Length];
        crc.Write(text);
        return text;
    }

    /// <summary>Runs a command in a job's run directory: what it says, and how it ends, is what happened there.</summary>
    internal async Task ExecAsync(JobId id, double seconds, int code)
    {
        var spec = new ExecSpec { Command = ["simulated", seconds.ToString("R", CultureInfo.InvariantCulture), code.ToString(CultureInfo.InvariantCulture)] };
        (byte[] Text, AgentStream)? read = await ReadAsync(
            id,
            $"command in {id}",
            async files => await new JobExecs(world.Server.Supervisor ?? throw new CrashException(), files).BeginAsync(_caller, id, spec),
            () => false);
        if (read is not var (text, _))
        {
            return;
        }

        string said = "";
        Ending? ending = null;
        for (int place = 0; place < text.Length;)
        {
            int count = BinaryPrimitives.ReadInt32BigEndian(text.AsSpan(place + 1));
            ReadOnlySpan<byte> payload = text.AsSpan(place + ExecFrames.HeaderLength, count);
            if (text[place] == ExecFrames.Result)
            {
                ending = JsonSerializer.Deserialize(payload, ProtocolJson.Default.ExecResult)!.Ending;
            }
            else
            {
                said += Encoding.UTF8.GetString(payload);
            }

            place += ExecFrames.HeaderLength + count;
        }

        bool isMine = said.StartsWith($"{id}.", StringComparison.Ordinal) && said.EndsWith($" of {name}", StringComparison.Ordinal);
        if (!isMine || ending != new Ending.Exited(code))
        {
            world.Broken($"the command in job {id} says '{said}' to {name} and ends '{ending}', and should have exited with {code}");
        }
    }

    /// <summary>Reads what an agent sends as an answer; null when there is none, for a reason that there may be.</summary>
    /// <param name="id">Of which job.</param>
    /// <param name="what">What it is.</param>
    /// <param name="begin">Asks for it.</param>
    /// <param name="isThere">Whether it was there when it was asked for: it goes only when its time is over.</param>
    /// <param name="patience">After how long the user has had enough; by default it has to come.</param>
    private async Task<(byte[] Text, AgentStream Head)?> ReadAsync(
        JobId id, string what, Func<JobFiles, Task<PendingOp?>> begin, Func<bool> isThere, TimeSpan? patience = null)
    {
        PendingOp? op = null;
        Supervisor? asked = null;
        try
        {
            op = await world.Server.RequestAsync(server => begin(new JobFiles(asked = server)), $"{what} for {name}");
            if (op is null)
            {
                return null; // It has no files.
            }

            // As long as a web server waits for a client: the answer comes, or the connection ends.
            Outcome waited = await CancelScope.MoveOnAfterAsync(patience ?? TimeSpan.FromHours(1), async () =>
            {
                for (double pause = 0.05; !op.Stream.IsCompleted; pause = Math.Min(1.05 * pause, 2))
                {
                    if (world.Server.Supervisor != asked)
                    {
                        throw new CrashException(); // The request dies with the server.
                    }

                    await Coroutine.SleepAsync(TimeSpan.FromSeconds(pause), what);
                }
            });
            if (!waited.IsDone)
            {
                if (patience is null)
                {
                    world.Broken($"the {what} is neither sent nor refused");
                }

                return null;
            }

            AgentStream answer = await op.Stream;
            using var text = new MemoryStream();
            answer.Body.CopyTo(text);
            return (text.ToArray(), answer);
        }
        catch (RequestRefusedException e) when (e.Code == "purged")
        {
            if (Queries.Job(world.Database.Connection, id)!.State != JobState.Purged)
            {
                world.Broken($"the {what} is refused because the files were removed, and the job is not purged");
            }

            return null;
        }
        catch (Exception e) when (e is CrashException or StorageException or RequestRefusedException or AgentAwayException or OpRefusedException)
        {
            world.Note($"{name} cannot have the {what}: {e.Message}");
            if (e is OpRefusedException { IsNotFound: true } && isThere() && world.KeepFiles is null)
            {
                world.Broken($"the {what} is said not to exist, and it does");
            }

            return null;
        }
        finally
        {
            if (op is not null)
            {
                JobFiles.End(op);
            }
        }
    }
}
