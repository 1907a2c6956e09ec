namespace Drover.Cli.Help;

/// <summary>Something that <c>drover help</c> explains beside commands.</summary>
/// <param name="Name">What one types.</param>
/// <param name="About">In a few words.</param>
/// <param name="Text">All of it.</param>
internal sealed record HelpTopic(string Name, string About, string Text);
