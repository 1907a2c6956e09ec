namespace Drover.Server.Storage;

/// <summary>Who may show a token.</summary>
internal enum TokenKind
{
    /// <summary>A user, to the API.</summary>
    User,

    /// <summary>An agent, to connect.</summary>
    Agent,
}
