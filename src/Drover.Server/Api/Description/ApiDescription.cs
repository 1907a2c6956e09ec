using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.OpenApi;

namespace Drover.Server.Api.Description;

/// <summary>
/// The OpenAPI document of the routes that there are, made from <see cref="Operations"/> and the JSON contract of the
/// protocol. It is made of endpoints of its own, which are never called: what they say of bodies would change how the real
/// ones are chosen.
/// </summary>
internal static class ApiDescription
{
    private const string Document = "v1";

    /// <summary>Makes the document.</summary>
    /// <param name="routes">The routes of the API.</param>
    /// <param name="root">The path that they begin with.</param>
    /// <exception cref="InvalidOperationException">Nobody has said what a route does: a bug.</exception>
    internal static async Task<byte[]> MakeAsync(IEnumerable<RouteEndpoint> routes, string root)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddRoutingCore();
        services.AddSingleton<EndpointDataSource>(new DefaultEndpointDataSource(routes.Select(route => Describe(route, root)).ToList()));
        services.AddSingleton<IHostEnvironment>(new NoHost());
        services.ConfigureHttpJsonOptions(json => ProtocolSchema.Configure(json.SerializerOptions));
        services.AddOpenApi(Document, options =>
        {
            options.AddSchemaTransformer(ProtocolSchema.TransformAsync);
            options.AddOperationTransformer(OperationDescription.TransformAsync);
            options.AddDocumentTransformer(TransformAsync);
        });
        await using ServiceProvider provider = services.BuildServiceProvider();
        OpenApiDocument document = await provider.GetRequiredKeyedService<IOpenApiDocumentProvider>(Document).GetOpenApiDocumentAsync();
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        document.SerializeAsV31(new OpenApiJsonWriter(text));
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>The pattern of a route below the root, as <see cref="Operations"/> has it; null when it lies elsewhere.</summary>
    internal static string? PatternOf(RouteEndpoint route, string root)
    {
        string pattern = "/" + route.RoutePattern.RawText!.Trim('/');
        return pattern.StartsWith(root + "/", StringComparison.Ordinal) ? pattern[root.Length..] : null;
    }

    private static RouteEndpoint Describe(RouteEndpoint route, string root)
    {
        string method = route.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods[0];
        string pattern = PatternOf(route, root) ?? throw new InvalidOperationException($"{route} is no route of the API.");
        Operation operation = Operations.Find(method, pattern)
            ?? throw new InvalidOperationException($"Nobody has said what {method} {pattern} does.");
        var builder = new RouteEndpointBuilder(static _ => Task.CompletedTask, RoutePatternFactory.Parse(root + pattern), order: 0)
        {
            DisplayName = operation.Name,
        };
        List<object> facts =
        [
            operation, new HttpMethodMetadata([method]), ((Func<HttpContext, Task>)NothingAsync).Method,
            new EndpointNameMetadata(operation.Name), new EndpointSummaryAttribute(operation.Summary), new TagsAttribute(operation.Group),
            .. operation.Answers.Select(answer => new ProducesResponseTypeMetadata(
                answer.Status, answer.Type ?? typeof(void), answer.Type is null ? [] : [answer.MediaType!])),
            .. OperationDescription.RefusalsOf(operation).Select(status => new ProducesResponseTypeMetadata(
                status, typeof(Problem), ["application/problem+json"])),
        ];
        if (operation.Body is { Type: { } type } body)
        {
            facts.Add(new AcceptsMetadata([body.MediaType], type, body.IsOptional));
        }

        facts.ForEach(builder.Metadata.Add);
        return (RouteEndpoint)builder.Build();
    }

    private static Task NothingAsync(HttpContext http) => Task.CompletedTask;

    private static Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Drover",
            Version = ServerVersion.Text,
            Description = "Runs long jobs for people and programs. Errors are problems (RFC 9457), whose `code` is a word for programs.",
        };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [OperationDescription.Token] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "The token of a user.",
            },
        };
        return Task.CompletedTask;
    }

    private sealed class NoHost : IHostEnvironment
    {
        public string ApplicationName { get; set; } = "Drover";

        public string EnvironmentName { get; set; } = "Production";

        public string ContentRootPath { get; set; } = "/";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
