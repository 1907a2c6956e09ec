namespace Drover.Client.Scripts;

/// <summary>Gathers what there is to say about a script.</summary>
internal sealed class DirectiveNotes
{
    public List<ScriptNote> Ignored { get; } = [];

    public List<ScriptNote> Mistakes { get; } = [];

    public void Ignore(int line, string text) => Ignored.Add(new ScriptNote(line, text));

    public void Refuse(int line, string text) => Mistakes.Add(new ScriptNote(line, text));
}
