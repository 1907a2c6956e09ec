using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Drover.Server.Api.Description;

/// <summary>Adds to an operation of the document what its endpoint alone does not tell.</summary>
internal static class OperationDescription
{
    /// <summary>The name of the security scheme.</summary>
    internal const string Token = "token";

    /// <summary>Every status that a route refuses a request with.</summary>
    internal static IEnumerable<int> RefusalsOf(Operation operation) =>
        (operation.IsPublic ? operation.Refusals : operation.Refusals.Union([401, 403])).Order();

    internal static Task TransformAsync(OpenApiOperation described, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        Operation operation = context.Description.ActionDescriptor.EndpointMetadata.OfType<Operation>().Single();
        described.Description = operation.Details;
        described.Parameters = [.. operation.Parameters.Select(Parameter)];
        if (operation.Body is { Type: null } body)
        {
            described.RequestBody = new OpenApiRequestBody { Required = true, Content = Binary(body.MediaType) };
        }

        described.Responses ??= [];
        foreach (OperationAnswer answer in operation.Answers)
        {
            var response = (OpenApiResponse)described.Responses[answer.Status.ToString(CultureInfo.InvariantCulture)];
            response.Description = answer.Description ?? response.Description;
            if (answer is { Type: null, MediaType: { } mediaType })
            {
                response.Content = Binary(mediaType);
            }
        }

        if (!operation.IsPublic)
        {
            described.Responses["default"] = new OpenApiResponse
            {
                Description = "The server cannot do it now: the disk is full, the agent is away, too many ask, or it is being stopped.",
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(nameof(Problem), context.Document) },
                },
            };
            described.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Token, context.Document)] = [] }];
        }

        return Task.CompletedTask;
    }

    private static Dictionary<string, OpenApiMediaType> Binary(string mediaType) => new()
    {
        [mediaType] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } },
    };

    private static OpenApiParameter Parameter(OperationParameter parameter) => new()
    {
        Name = parameter.Name,
        In = parameter.In switch { "path" => ParameterLocation.Path, "query" => ParameterLocation.Query, _ => ParameterLocation.Header },
        Required = parameter.In == "path",
        Description = parameter.Description,
        Schema = parameter.Type switch
        {
            "integer" => new OpenApiSchema { Type = JsonSchemaType.Integer },
            "number" => new OpenApiSchema { Type = JsonSchemaType.Number },
            "string" => new OpenApiSchema { Type = JsonSchemaType.String },
            string words => new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. words.Split('|').Select(JsonNode (word) => word)] },
        },
    };
}
