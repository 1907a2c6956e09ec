namespace Drover.Server.Api.Description;

/// <summary>A parameter of a request.</summary>
/// <param name="In">Where it is: path, query, header.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its JSON type, or the words that it may be, separated by bars.</param>
/// <param name="Description">What it does, in a sentence.</param>
internal sealed record OperationParameter(string In, string Name, string Type, string Description);
