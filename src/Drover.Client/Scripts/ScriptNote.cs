namespace Drover.Client.Scripts;

/// <summary>What there is to say about a line of a script.</summary>
/// <param name="Line">Its number, from 1.</param>
/// <param name="Text">A sentence without a full stop.</param>
public sealed record ScriptNote(int Line, string Text);
