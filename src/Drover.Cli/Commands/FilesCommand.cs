using System.CommandLine;
using Drover.Cli.Parsing;
using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>Lists what is in a job's run directory.</summary>
internal sealed class FilesCommand : DroverCommand
{
    private readonly JobArgument _job = new();
    private readonly Argument<string?> _path = new("path") { HelpName = "PATH", Description = "a folder in it", Arity = ArgumentArity.ZeroOrOne };

    public FilesCommand()
        : base("files", "List the files in a job's run directory")
    {
        Add(_job);
        Add(_path);
    }

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        JobHandle job = await context.Connect().FindJobAsync(_job.In(arguments));
        FileList list = await job.ListFilesAsync(arguments.GetValue(_path)?.Trim('/') ?? "");
        if (context.IsJson)
        {
            context.WriteJson(list, ProtocolJson.Default.FileList);
            return ExitCodes.Success;
        }

        if (list.Entries.Count == 0)
        {
            context.Hint($"{Plain.Escape(list.Directory)} is empty");
            return ExitCodes.Success;
        }

        var table = new Table(new("SIZE", IsNumber: true), new("WRITTEN", CanBeDropped: true), new("PATH"));
        foreach (FileEntry entry in list.Entries)
        {
            table.Add(
                entry.IsDirectory ? "" : Quantities.Bytes(entry.Length),
                JobText.Time(entry.ModifiedAt)[..^4],
                Plain.Escape(entry.Path) + (entry.IsDirectory ? "/" : ""));
        }

        context.Terminal.Write(table.Render(context.Terminal.Width, context.Terminal.HasColors));
        if (list.Entries.FirstOrDefault(entry => entry.IsUnreadable) is { } unreadable)
        {
            int others = list.Entries.Count(entry => entry.IsUnreadable) - 1;
            context.Hint($"'{Plain.Escape(unreadable.Path)}'{(others > 0 ? $" and {others} more" : "")} cannot be read by the agent: `drover get` brings what else there is");
        }

        if (list.IsTruncated)
        {
            context.Hint("there are more files than are listed; name a folder to see what is in it");
        }

        return ExitCodes.Success;
    }
}
