namespace Drover.Server.Api.Description;

/// <summary>The body of a request.</summary>
/// <param name="Type">What it is as JSON; null for bytes.</param>
/// <param name="MediaType">Its media type.</param>
/// <param name="IsOptional">Whether it may be left out.</param>
internal sealed record OperationBody(Type? Type, string MediaType, bool IsOptional);
