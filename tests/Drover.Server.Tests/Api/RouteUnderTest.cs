using System.Net.Http.Headers;
using System.Text;
using Drover.Server.Api.Description;

namespace Drover.Server.Tests.Api;

/// <summary>A route, with good values for all that it takes.</summary>
internal sealed record RouteUnderTest(string Route)
{
    /// <summary>The id of a token that there is not.</summary>
    internal const string NoToken = "000000000000";

    /// <summary>A good body for each route that takes one. A new route that takes one needs its own here.</summary>
    private static readonly Dictionary<string, string> s_bodies = new()
    {
        ["POST /jobs"] = """{"command":["true"]}""",
        ["POST /jobs/batch"] = """{"jobs":[{"command":["true"]}]}""",
        ["PATCH /jobs/{id}"] = """{"hold":true}""",
        ["POST /jobs/{id}/cancel"] = """{"why":"enough"}""",
        ["POST /jobs/{id}/exec"] = """{"command":["true"]}""",
        ["POST /arrays"] = """{"job":{"command":["true"]},"indices":"1-3"}""",
        ["PATCH /arrays/{id}"] = """{"hold":true}""",
        ["POST /arrays/{id}/cancel"] = """{"why":"enough"}""",
        ["POST /workflows"] = """{"steps":[{"key":"a","job":{"command":["true"]}}]}""",
        ["POST /inputs/missing"] = $$"""{"hashes":["{{new string('a', 64)}}"]}""",
        ["POST /agents"] = """{"site":"somewhere"}""",
        ["POST /tokens"] = "{}",
        ["POST /users"] = """{"name":"somebody"}""",
    };

    /// <summary>Every route that is described.</summary>
    internal static IEnumerable<RouteUnderTest> All => Operations.Routes.Order(StringComparer.Ordinal).Select(route => new RouteUnderTest(route));

    internal Operation Operation => Operations.Find(Method.Method, Pattern)!;

    internal HttpMethod Method => new(Route.Split(' ')[0]);

    internal string Pattern => Route.Split(' ')[1];

    /// <summary>Whether it is about one job or one array.</summary>
    internal bool IsOfOne => Pattern.Contains("{id}", StringComparison.Ordinal);

    internal bool TakesJson => Operation.Body?.Type is not null;

    /// <summary>A good body; null when it takes none.</summary>
    internal string? Body => !TakesJson ? null
        : s_bodies.TryGetValue(Route, out string? body) ? body
        : throw new InvalidOperationException($"{Route} takes a body: add a good one to {nameof(RouteUnderTest)}.");

    /// <summary>Where it is asked for.</summary>
    internal string Path(string id = "1") => "api/v1" + Pattern
        .Replace("{id}", id, StringComparison.Ordinal)
        .Replace("{**path}", "results/a.txt", StringComparison.Ordinal)
        .Replace("{token}", NoToken, StringComparison.Ordinal)
        .Replace("{sha256}", new string('a', 64), StringComparison.Ordinal);

    /// <summary>The request.</summary>
    internal HttpRequestMessage Request(string? token, string id = "1", string? body = null, string mediaType = "application/json")
    {
        var request = new HttpRequestMessage(Method, new Uri(Path(id), UriKind.Relative));
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        }

        if ((body ?? Body) is { } content)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(content));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        }
        else if (Operation.Body is { } bytes)
        {
            request.Content = new ByteArrayContent([]);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(bytes.MediaType);
        }

        return request;
    }

    public override string ToString() => Route;
}
