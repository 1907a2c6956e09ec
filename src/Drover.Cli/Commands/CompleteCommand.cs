using System.CommandLine;
using System.Text;
using Drover.Cli.Completions;
using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>Answers shells that ask what can stand at the cursor.</summary>
internal sealed class CompleteCommand : DroverCommand
{
    private readonly Argument<string[]> _words = new("words") { HelpName = "WORD...", Arity = ArgumentArity.ZeroOrMore, CaptureRemainingTokens = true };

    public CompleteCommand()
        : base("complete", "Answer a shell's question what can stand at the cursor")
    {
        Hidden = true;
        Add(_words);
    }

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        Completion completion = await new Completer(context).FindAsync(arguments.GetValue(_words) ?? []);
        var answer = new StringBuilder();
        answer.Append(completion.Paths.ToString().ToLowerInvariant()).Append(completion.GoesOn ? " on\n" : "\n");
        foreach (Candidate candidate in completion.Candidates.Where(IsOneWord))
        {
            answer.Append(candidate.Word).Append('\t').Append(candidate.About.ReplaceLineEndings(" ").Replace('\t', ' ')).Append('\n');
        }

        context.Terminal.Write(answer.ToString());
        return ExitCodes.Success;
    }

    /// <summary>A file of a job may be called anything: what is not fit for a terminal would be taken apart, or obeyed, by the shell.</summary>
    private static bool IsOneWord(Candidate candidate) => Plain.Escape(candidate.Word) == candidate.Word;
}
