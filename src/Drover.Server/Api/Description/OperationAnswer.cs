namespace Drover.Server.Api.Description;

/// <summary>A good answer.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Type">What it is as JSON; null for bytes, or nothing.</param>
/// <param name="MediaType">Its media type; null for nothing.</param>
/// <param name="Description">What it means, where the status does not say it.</param>
internal sealed record OperationAnswer(int Status, Type? Type, string? MediaType, string? Description);
