using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Drover.Client.Tests;

/// <summary>An answer to one request.</summary>
public delegate Task Answer(HttpContext http);

/// <summary>Answers that servers give, good and bad.</summary>
public static class Answers
{
    public static Answer Json<T>(T value, JsonTypeInfo<T> type, int status = 200) => async http =>
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(value, type));
    };

    public static Answer Job(JobInfo job) => Json(job, ProtocolJson.Default.JobInfo);

    public static Answer Problem(int status, string? code, string detail) => async http =>
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/problem+json";
        var problem = new Problem { Status = status, Code = code, Detail = detail };
        await http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(problem, ProtocolJson.Default.Problem));
    };

    public static Answer Text(string text, string type = "text/plain", int status = 200) => async http =>
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = type;
        await http.Response.WriteAsync(text);
    };

    /// <summary>A body without a length, as a log has.</summary>
    public static Answer Bytes(params byte[] bytes) => async http =>
    {
        http.Response.ContentType = "application/octet-stream";
        await http.Response.Body.WriteAsync(bytes);
    };

    public static Answer Bytes(ReadOnlySpan<byte> text) => Bytes(text.ToArray());

    /// <summary>Some bytes, then the connection breaks.</summary>
    public static Answer BytesThenBreak(ReadOnlySpan<byte> text)
    {
        byte[] bytes = text.ToArray();
        return async http =>
        {
            // Less than was promised: the server closes the connection after it. An abort could take the bytes along.
            http.Response.ContentLength = bytes.Length + 1;
            await http.Response.Body.WriteAsync(bytes);
        };
    }

    /// <summary>The connection breaks before there is an answer.</summary>
    public static Answer Break { get; } = http =>
    {
        http.Abort();
        return Task.CompletedTask;
    };

    /// <summary>Never answers, until the client goes or the server stops.</summary>
    public static Answer Never { get; } = async http =>
    {
        var gone = new TaskCompletionSource();
        using CancellationTokenRegistration registration = http.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    };

    /// <summary>What was written from the asked byte on, with the headers of a part.</summary>
    public static Answer Part(long from, ReadOnlySpan<byte> text)
    {
        byte[] bytes = text.ToArray();
        return async http =>
        {
            Assert.Equal($"bytes={from}-", http.Request.Headers.Range.ToString());
            http.Response.StatusCode = 206;
            http.Response.Headers.ContentRange = $"bytes {from}-{from + bytes.Length - 1}/*";
            await http.Response.Body.WriteAsync(bytes);
        };
    }

    /// <summary>The end of a log, with the place where it begins.</summary>
    public static Answer LogFrom(long offset, ReadOnlySpan<byte> text)
    {
        byte[] bytes = text.ToArray();
        return async http =>
        {
            http.Response.Headers["Drover-Log-Offset"] = offset.ToString();
            await http.Response.Body.WriteAsync(bytes);
        };
    }

    /// <summary>Lets a test act before the answer.</summary>
    public static Answer After(Action action, Answer then) => http =>
    {
        action();
        return then(http);
    };
}
