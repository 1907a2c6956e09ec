using System.Buffers;
using System.Buffers.Binary;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Drover.Client.Http;

/// <summary>One command in a job's run directory.</summary>
internal sealed class ExecCall(JobHandle job, ExecSpec spec)
{
    /// <summary>Beside the time that the command may take: agents have some to come back, and slots to become free.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromHours(1);

    private readonly ApiConnection _connection = job.Client.Connection;

    public async Task<Ending> RunAsync(Stream output, Stream error, CancellationToken cancellationToken)
    {
        ApiRequest request = ApiRequest.Post(
            $"api/v1/jobs/{job.Id}/exec", JsonSerializer.SerializeToUtf8Bytes(spec, ProtocolJson.Default.ExecSpec)) with
        {
            Wait = s_patience,
        };
        using HttpResponseMessage response = await _connection.SendAsync(request, _connection.NewBackoff(isPatient: false), cancellationToken);
        if (response.Content.Headers.ContentType is not MediaTypeHeaderValue { MediaType: ExecFrames.MediaType })
        {
            throw _connection.NotDrover(inner: null);
        }

        byte[] block = ArrayPool<byte>.Shared.Rent(ExecFrames.MaxPayload);
        try
        {
            using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
            while (true)
            {
                (byte kind, int length) = await ReadFrameAsync(body, block, cancellationToken);
                ReadOnlyMemory<byte> payload = block.AsMemory(0, length);
                if (kind == ExecFrames.Result)
                {
                    return EndingOf(payload.Span);
                }

                Stream destination = kind == ExecFrames.Output ? output : error;
                await destination.WriteAsync(payload, cancellationToken);
                await destination.FlushAsync(cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private async Task<(byte Kind, int Length)> ReadFrameAsync(Stream body, byte[] block, CancellationToken cancellationToken)
    {
        try
        {
            await body.ReadExactlyAsync(block.AsMemory(0, ExecFrames.HeaderLength), cancellationToken);
            byte kind = block[0];
            int length = BinaryPrimitives.ReadInt32BigEndian(block.AsSpan(1));
            if (kind is not (ExecFrames.Output or ExecFrames.Error or ExecFrames.Result) || length is < 0 or > ExecFrames.MaxPayload)
            {
                throw _connection.NotDrover(inner: null);
            }

            await body.ReadExactlyAsync(block.AsMemory(0, length), cancellationToken);
            return (kind, length);
        }
        catch (Exception e) when (ApiConnection.IsBroken(e))
        {
            throw new ServerUnreachableException(
                _connection.Server,
                $"The answer of the command in {job} was broken off, by the server or the agent: the command was ended, and how far it came is not known.",
                maySent: true,
                e);
        }
    }

    private Ending EndingOf(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ClientJson.Tolerant.ExecResult)?.Ending ?? throw _connection.NotDrover(inner: null);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw _connection.NotDrover(e);
        }
    }
}
