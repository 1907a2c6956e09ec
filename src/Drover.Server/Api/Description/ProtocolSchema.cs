using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Drover.Server.Api.Description;

/// <summary>The JSON contract of the protocol, as schemas.</summary>
internal static class ProtocolSchema
{
    /// <summary>Takes over how the protocol is written.</summary>
    internal static void Configure(JsonSerializerOptions options)
    {
        JsonSerializerOptions protocol = ProtocolJson.Default.Options;
        options.DefaultIgnoreCondition = protocol.DefaultIgnoreCondition;
        options.UnmappedMemberHandling = protocol.UnmappedMemberHandling;
        options.NumberHandling = protocol.NumberHandling;
        options.RespectNullableAnnotations = protocol.RespectNullableAnnotations;
        options.RespectRequiredConstructorParameters = protocol.RespectRequiredConstructorParameters;
        options.Converters.Add(new FiniteNumberConverter());
        options.TypeInfoResolverChain.Clear();
        options.TypeInfoResolverChain.Add(ProtocolJson.Default);
    }

    /// <summary>Says what converters of the protocol write.</summary>
    internal static Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.JsonTypeInfo.Type == typeof(JobId))
        {
            OfNumber(schema);
        }
        else if (context.JsonTypeInfo.Type == typeof(IReadOnlyDictionary<string, JobId>))
        {
            var number = new OpenApiSchema();
            OfNumber(number);
            schema.AdditionalProperties = number; // Of a value whose converter is its own, the framework says nothing here.
        }
        else if ((Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type) == typeof(double))
        {
            bool isNullable = context.JsonTypeInfo.Type != typeof(double);
            schema.Type = isNullable ? JsonSchemaType.Number | JsonSchemaType.Null : JsonSchemaType.Number;
            schema.Format = "double";
        }

        return Task.CompletedTask;
    }

    /// <summary>The number of a job or an array.</summary>
    private static void OfNumber(OpenApiSchema schema)
    {
        schema.Type = JsonSchemaType.Integer;
        schema.Format = "int64";
        schema.Minimum = "1";
    }
}
