using System.Text.Json;
using Drover.Server.Storage;
using Drover.Server.Supervision;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Drover.Server.Api;

/// <summary>Turns what goes wrong in a request into an answer: one sentence that says what to do (RFC 9457).</summary>
internal sealed partial class Problems(RequestDelegate next, ILogger<Problems> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
            await ExplainStatusAsync(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client is gone.
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            await AnswerAsync(http, Explain(e));
        }
        catch (Exception e)
        {
            LogBroken(http.Request.Method, http.Request.Path, e.Message);
            http.Abort(); // The client sees that what it got is not all.
        }
    }

    /// <summary>It does not run, or not any more.</summary>
    internal static Problem Stopping { get; } = Make(503, "stopping", "The server is being stopped. Ask again when it runs.");

    /// <summary>Answers a request with a problem.</summary>
    internal static async Task AnswerAsync(HttpContext http, Problem problem)
    {
        StringValues methods = http.Response.Headers.Allow;
        http.Response.Clear();
        http.Response.Headers.Allow = methods;
        http.Response.StatusCode = problem.Status ?? 500;
        http.Response.ContentType = "application/problem+json";
        if (problem.Status == 401)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }

        await JsonSerializer.SerializeAsync(http.Response.Body, problem, ProtocolJson.Default.Problem, http.RequestAborted);
    }

    /// <summary>For what the framework answers by itself: no such path, another method.</summary>
    private static Task ExplainStatusAsync(HttpContext http) => http.Response switch
    {
        { HasStarted: true } => Task.CompletedTask,
        { StatusCode: 404 } => AnswerAsync(http, Make(404, "notFound", $"There is nothing at {http.Request.Path}.")),
        { StatusCode: 405 } => AnswerAsync(http, Make(
            405, "badRequest", $"{http.Request.Path} cannot be asked for with {http.Request.Method}; with {http.Response.Headers.Allow}.")),
        { StatusCode: 415 } => AnswerAsync(http, Make(415, "badRequest", "The body must be JSON, with the header 'Content-Type: application/json'.")),
        _ => Task.CompletedTask,
    };

    private static Problem Make(int status, string code, string detail) => new()
    {
        Title = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
        Status = status,
        Code = code,
        Detail = Clean(detail),
    };

    /// <summary>What a client wrote may be in it: nothing that moves a cursor or fills a screen.</summary>
    private static string Clean(string text)
    {
        const int Longest = 1000;
        string shown = text.Length > Longest ? text[..Longest] + "…" : text;
        return string.Concat(shown.Select(c => char.IsControl(c) ? '\uFFFD' : c));
    }

    private static int Status(string code) => code switch
    {
        "notFound" or "isArray" or "purged" => 404,
        "conflict" or "inputsMissing" => 409,
        "tooLarge" => 413,
        "keyReused" => 422,
        "busy" => 503,
        "quotaExceeded" => 507,
        _ => 400,
    };

    private Problem Explain(Exception error)
    {
        switch (error)
        {
            case ApiException e:
                return Make(e.Status, e.Code, e.Message);
            case RequestRefusedException e:
                return Make(Status(e.Code), e.Code, e.Message);
            case StorageException { Failure: StorageFailure.DiskFull } e:
                return Make(507, "diskFull", e.Message);
            case StorageException { Failure: StorageFailure.ReadOnly } e:
                return Make(507, "readOnly", e.Message);
            case StorageException e:
                LogFailed(e);
                return Make(503, "storage", e.Message);
            case AgentAwayException e:
                return Make(503, "agentAway", e.Message);
            case OpRefusedException e:
                return Make(e.IsNotFound ? 404 : 409, e.IsNotFound ? "notFound" : "conflict", e.Message);
            case JsonException e:
                return Make(400, "badRequest", JsonMistakes.Explain(e));
            case BadHttpRequestException e:
                return Make(e.StatusCode, e.StatusCode == 413 ? "tooLarge" : "badRequest", e.Message);
            case CoroutineException:
                return Stopping;
            default:
                LogFailed(error);
                return Make(500, "bug", $"The server failed at this request: {error.Message} Its log has the details.");
        }
    }

    [LoggerMessage(LogLevel.Error, "A request failed")]
    private partial void LogFailed(Exception error);

    [LoggerMessage(LogLevel.Warning, "The answer to {Method} {Path} was broken off: {Reason}")]
    private partial void LogBroken(string method, string path, string reason);
}
