using System.Globalization;
using Drover.Cli.Consoles;
using Drover.Cli.Text;
using Drover.Client.Scripts;

namespace Drover.Cli.Submitting;

/// <summary>A script that is to be a job, with what it says about that.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="Directives">What it says.</param>
internal sealed record JobScript(string Path, ScriptDirectives Directives)
{
    /// <summary>Finds the script that a command runs: a file named by a path, which begins with <c>#!</c>.</summary>
    /// <param name="command">The command.</param>
    /// <param name="directory">What its path is relative to.</param>
    /// <returns>Null when the command is no such script.</returns>
    public static JobScript? Find(IReadOnlyList<string> command, string directory)
    {
        if (command is not [var program, ..] || !program.Contains('/'))
        {
            return null; // The others are found on the PATH, and are not of the user's making.
        }

        string path = System.IO.Path.GetFullPath(program, directory);
        return ScriptDirectives.Read(path) is { } directives ? new JobScript(path, directives) : null;
    }

    /// <summary>Its path when it asks to run somewhere else itself: it is still the one that was named. Otherwise null.</summary>
    /// <param name="asked">What counts before it.</param>
    public string? PathWhenMoved(ScriptDirectives asked) =>
        asked is { WorkingDirectory: null, InRunDirectory: not true }
            && (Directives.WorkingDirectory is not null || Directives.InRunDirectory == true || Directives.RunDirectory is not null)
            ? Path
            : null;

    /// <summary>Says what is not understood, a line each.</summary>
    /// <exception cref="CliException">Something is wrong; nothing should be submitted.</exception>
    public void Tell(Terminal terminal)
    {
        string name = System.IO.Path.GetFileName(Path);
        foreach (ScriptNote note in Directives.Ignored)
        {
            terminal.Say(Line(name, note));
        }

        if (Directives.Mistakes.Count > 0)
        {
            throw new CliException(ExitCodes.WrongUsage, string.Join('\n', Directives.Mistakes.Select(m => Line(name, m))));
        }
    }

    private static string Line(string name, ScriptNote note) =>
        string.Create(CultureInfo.InvariantCulture, $"{Plain.Escape(name)}:{note.Line}: {Plain.Escape(note.Text)}");
}
