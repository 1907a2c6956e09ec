namespace Drover.Server.Storage;

/// <summary>A user as stored.</summary>
internal sealed record UserRow
{
    /// <summary>The name, unique.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the user may administer the server.</summary>
    public bool IsAdmin { get; init; }

    /// <summary>When the user was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
