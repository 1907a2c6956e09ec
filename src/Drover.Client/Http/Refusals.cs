using System.Text.Json;

namespace Drover.Client.Http;

/// <summary>Makes an error of an answer that is no success.</summary>
internal static class Refusals
{
    public static async Task<DroverException> ReadAsync(
        HttpResponseMessage response, Uri server, CancellationToken cancellationToken)
    {
        int status = (int)response.StatusCode;
        Problem? problem = await ReadProblemAsync(response, cancellationToken);
        return (status, problem) switch
        {
            (401, _) => new UnauthorizedException(
                problem?.Detail ?? $"The server {server} does not know this token: check which server and token are used."),
            (_, { }) => new RequestRefusedException(status, problem),
            // What stands in front of a server says so in its own way when the server is away.
            (502 or 503 or 504 or 500, null) => new RequestRefusedException(
                status, new Problem { Status = status, Detail = $"The server {server} answered with status {status}: look into its log." }),
            _ => new UnexpectedAnswerException(
                $"{server} answered with status {status} and without a reason, as no Drover server does: check the address.",
                inner: null),
        };
    }

    private static async Task<Problem?> ReadProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType is not ("application/problem+json" or "application/json"))
        {
            return null;
        }

        try
        {
            byte[] bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return JsonSerializer.Deserialize(bytes, ClientJson.Tolerant.Problem);
        }
        catch (Exception e) when (e is JsonException || ApiConnection.IsBroken(e))
        {
            return null;
        }
    }
}
