namespace Drover.Server.Api.Description;

/// <summary>What one route does, for the OpenAPI document: what it takes, and what it may answer.</summary>
/// <param name="Group">The group that it is shown in.</param>
/// <param name="Name">Its unique name, a verb and what it is done to.</param>
/// <param name="Summary">What it does, in a sentence.</param>
internal sealed record Operation(string Group, string Name, string Summary)
{
    /// <summary>More about it, where there is more to say.</summary>
    internal string? Details { get; private init; }

    /// <summary>Whether it is answered without a token.</summary>
    internal bool IsPublic { get; private init; }

    /// <summary>Its body; null when it has none.</summary>
    internal OperationBody? Body { get; private init; }

    /// <summary>Its parameters in the path, the query and the headers.</summary>
    internal IReadOnlyList<OperationParameter> Parameters { get; private init; } = [];

    /// <summary>What it answers when all is well.</summary>
    internal IReadOnlyList<OperationAnswer> Answers { get; private init; } = [];

    /// <summary>The statuses that it refuses a request with. Others mean that the server is in trouble, or is being stopped.</summary>
    internal IReadOnlyList<int> Refusals { get; private init; } = [];

    internal Operation Says(string details) => this with { Details = details };

    internal Operation Public() => this with { IsPublic = true };

    /// <summary>It takes an object as JSON.</summary>
    internal Operation Takes<T>(bool isOptional = false) =>
        (this with { Body = new OperationBody(typeof(T), "application/json", isOptional) }).Refuses(400, 413, 415);

    /// <summary>It takes bytes.</summary>
    internal Operation TakesBytes(string mediaType) => this with { Body = new OperationBody(null, mediaType, IsOptional: false) };

    /// <summary>A part of the path.</summary>
    internal Operation Path(string name, string description, string type = "string") => With(new("path", name, type, description));

    /// <summary>A parameter of the query, which may be left out.</summary>
    internal Operation Query(string name, string type, string description) => With(new("query", name, type, description));

    /// <summary>A header, which may be left out.</summary>
    internal Operation Header(string name, string description) => With(new("header", name, "string", description));

    /// <summary>It answers with an object as JSON.</summary>
    internal Operation AnswersJson<T>(int status = 200, string? description = null) =>
        this with { Answers = [.. Answers, new OperationAnswer(status, typeof(T), "application/json", description)] };

    /// <summary>It answers with bytes, or with nothing.</summary>
    internal Operation AnswersWith(int status, string? mediaType, string description) =>
        this with { Answers = [.. Answers, new OperationAnswer(status, null, mediaType, description)] };

    /// <summary>Its answer has an ETag.</summary>
    internal Operation Tagged() => Header("If-None-Match", "The ETag of an earlier answer: when nothing has changed, the answer is 304, without a body.")
        .AnswersWith(304, null, "Nothing has changed.");

    internal Operation Refuses(params int[] statuses) => this with { Refusals = [.. Refusals.Union(statuses).Order()] };

    private Operation With(OperationParameter parameter) => this with { Parameters = [.. Parameters, parameter] };
}
