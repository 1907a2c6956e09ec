using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Drover.Protocol.Files;
using Drover.Server.Supervision;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Drover.Server.Api;

/// <summary>The files of jobs: single ones, with ranges (RFC 9110), and many as a tar archive.</summary>
/// <remarks>
/// With <c>?checksum=</c> a checksum that the agent made while it read follows what was asked for, and the header
/// <c>Drover-Digest</c> says so. A trailer would say the same, but neither Kestrel nor most clients know those in
/// HTTP/1.1.
/// </remarks>
internal sealed class ResultsApi(EventLoop loop, JobFiles files, Callers callers)
{
    private const string DigestHeader = "Drover-Digest";
    private const string Sha256 = "sha-256";
    private const string Crc64 = "crc-64";

    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/jobs/{id}/files/{**path}", [HttpMethods.Get, HttpMethods.Head], FileAsync);
        routes.MapGet("/jobs/{id}/archive", ArchiveAsync);
    }

    private async Task FileAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        JobId id = JobsApi.IdOf(http);
        string path = (string?)http.Request.RouteValues["path"] ?? "";
        Checksum? checksum = ChecksumOf(http);
        bool isHead = HttpMethods.IsHead(http.Request.Method);
        (long offset, long? length) = isHead ? (0, 0) : Range(http);
        PendingOp op = await BeginAsync(http, caller, id, (op, job) => new ServerMessage.ReadFile(op, job.RunDirectoryName(), path, offset, length, isHead ? null : checksum));
        AgentStream? stream = await TryDescribeAsync(http, op);
        if (stream is null)
        {
            return; // It is what the client has.
        }

        if ((offset != 0 || length is not null) && !isHead && http.Request.Headers.IfRange.Count > 0 && http.Request.Headers.IfRange != http.Response.Headers.ETag)
        {
            await loop.InvokeAsync(() => JobFiles.End(op), "end an op"); // It is another file by now: all of it.
            (offset, length) = (0, null);
            op = await BeginAsync(http, caller, id, (op, job) => new ServerMessage.ReadFile(op, job.RunDirectoryName(), path, 0, null, checksum));
            await TryDescribeAsync(http, op);
        }

        http.Response.ContentType = "application/octet-stream";
        await AgentAnswer.SendAsync(http, loop, op, file =>
        {
            if (isHead)
            {
                http.Response.ContentLength = file.Total;
            }
            else
            {
                Place(http, file, length, checksum);
            }

            Prepare(http, checksum);
        });
    }

    private async Task ArchiveAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        JobId id = JobsApi.IdOf(http);
        string path = http.Request.Query["path"].ToString().Trim('/');
        string[] globs = [.. http.Request.Query["glob"].OfType<string>().Where(glob => glob.Length > 0)];
        Checksum? checksum = ChecksumOf(http);
        PendingOp op = await BeginAsync(http, caller, id, (op, job) =>
            new ServerMessage.ReadArchive(op, job.RunDirectoryName(), path, globs.Length == 0 ? null : globs, checksum));
        http.Response.ContentType = "application/x-tar";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"job-{id}.tar\"";
        await AgentAnswer.SendAsync(http, loop, op, archive =>
        {
            Tell(http, AgentProtocol.TotalHeader, archive.Total);
            Tell(http, AgentProtocol.FilesHeader, archive.Files);
            Prepare(http, checksum);
        });
    }

    private async Task<PendingOp> BeginAsync(HttpContext http, Caller caller, JobId id, Func<OpId, JobInfo, ServerMessage> ask) =>
        await loop.InvokeAsync(() => files.BeginAsync(caller, id, ask), "ask an agent", http.RequestAborted)
            ?? throw new ApiException(404, "notFound", $"Job {id} never started: it has no files.");

    /// <summary>Sets the headers that tell which state of the file it is. Null, and the answer is given, when the client has it.</summary>
    private async Task<AgentStream?> TryDescribeAsync(HttpContext http, PendingOp op)
    {
        bool isAnswered = true;
        try
        {
            AgentStream stream = await op.Stream.WaitAsync(http.RequestAborted);
            IHeaderDictionary headers = http.Response.Headers;
            headers.AcceptRanges = "bytes";
            if (stream is { ModifiedAt: { } modified, Total: { } total })
            {
                headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{modified:x}-{total:x}\"");
                headers.LastModified = DateTimeOffset.UnixEpoch.AddTicks(modified).ToString("R", CultureInfo.InvariantCulture);
            }

            if (EntityTags.IsKnown(http, headers.ETag))
            {
                http.Response.StatusCode = StatusCodes.Status304NotModified;
                return null;
            }

            isAnswered = false;
            return stream;
        }
        finally
        {
            if (isAnswered)
            {
                await loop.InvokeAsync(() => JobFiles.End(op), "end an op");
            }
        }
    }

    private static void Prepare(HttpContext http, Checksum? checksum)
    {
        http.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = null; // A slow reader costs nothing.
        if (checksum is not null)
        {
            http.Response.Headers[DigestHeader] = checksum == Checksum.Crc64 ? Crc64 : Sha256;
        }
    }

    /// <summary>Says how long the answer is and which part of the file, as far as the agent told.</summary>
    private static void Place(HttpContext http, AgentStream stream, long? length, Checksum? checksum)
    {
        if (stream is not { Offset: { } offset, Total: { } total })
        {
            return;
        }

        long count = Math.Min(length ?? long.MaxValue, Math.Max(0, total - offset));
        http.Response.ContentLength = count + (checksum switch { Checksum.Sha256 => SHA256.HashSizeInBytes, Checksum.Crc64 => Protocol.Files.Crc64.Length, _ => 0 });
        if (offset == 0 && count == total)
        {
            return;
        }

        if (count == 0)
        {
            throw Unsatisfiable(http, offset, total);
        }

        http.Response.StatusCode = StatusCodes.Status206PartialContent;
        http.Response.Headers.ContentRange = $"bytes {offset}-{offset + count - 1}/{total}";
    }

    private static ApiException Unsatisfiable(HttpContext http, long offset, long total)
    {
        http.Response.OnStarting(() =>
        {
            http.Response.Headers.ContentRange = $"bytes */{total}";
            return Task.CompletedTask;
        });
        return new ApiException(
            StatusCodes.Status416RangeNotSatisfiable, "badRequest", $"The file has {total} bytes: there are none from byte {offset}.");
    }

    private static (long Offset, long? Length) Range(HttpContext http) =>
        RangeHeaderValue.TryParse(http.Request.Headers.Range, out RangeHeaderValue? range) && range.Unit == "bytes" && range.Ranges.Count == 1
            ? range.Ranges.First() switch
            {
                { From: { } from, To: var to } => (from, to is { } last and < long.MaxValue ? last - from + 1 : null),
                { To: { } fromEnd } when fromEnd > 0 => (-fromEnd, null),
                _ => (0, null),
            }
            : (0, null); // Absent, or of a kind that need not be honoured: all of it is a correct answer.

    private static Checksum? ChecksumOf(HttpContext http) => (string?)http.Request.Query["checksum"] switch
    {
        null or "" or "false" => null,
        "true" or Sha256 => Checksum.Sha256,
        Crc64 => Checksum.Crc64,
        string other => throw ApiException.Bad($"checksum is {Sha256}, {Crc64}, true (which is {Sha256}) or false, not '{other}'."),
    };

    private static void Tell(HttpContext http, string header, long? value)
    {
        if (value is { } number)
        {
            http.Response.Headers[header] = number.ToString(CultureInfo.InvariantCulture);
        }
    }
}
