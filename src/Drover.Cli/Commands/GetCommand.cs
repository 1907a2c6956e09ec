using System.CommandLine;
using Drover.Cli.Files;
using Drover.Cli.Following;
using Drover.Cli.Parsing;

namespace Drover.Cli.Commands;

/// <summary>Fetches files of a job's run directory.</summary>
internal sealed class GetCommand : DroverCommand
{
    private readonly Argument<JobRef> _job = new("job") { HelpName = "ID", CustomParser = Values.Job };
    private readonly Argument<string?> _path = new("path") { HelpName = "PATH", Description = "a file or folder in the run directory (default: all of it)", Arity = ArgumentArity.ZeroOrOne };
    private readonly Argument<string?> _destination = new("to") { HelpName = "TO", Description = "a file or folder here, or - for standard output (default: the same name, in this folder)", Arity = ArgumentArity.ZeroOrOne };
    private readonly Flag _force = new("--force") { Description = "replace what is there" };

    public GetCommand()
        : base("get", "Fetch a file or folder from a job's run directory, also while it runs")
    {
        Add(_job);
        Add(_path);
        Add(_destination);
        Add(_force);
    }

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        JobHandle job = await context.Connect().FindJobAsync(arguments.GetValue(_job));
        string path = arguments.GetValue(_path)?.Trim('/') ?? "";
        path = path == "." ? "" : path;
        string? destination = arguments.GetValue(_destination);
        if (destination == "-")
        {
            if (path.Length == 0)
            {
                throw new CliException(ExitCodes.WrongUsage, "Only a file can be written to standard output: name one; `drover files` lists them.");
            }

            await job.CopyFileAsync(path, new PassedOn(context.Terminal, OutputKind.Output));
            return ExitCodes.Success;
        }

        string name = path.Length > 0 ? path.Split('/')[^1] : $"job-{job.Id}";
        string target = Path.GetFullPath(destination ?? name, context.Surroundings.Directory);
        if (destination is not null && Directory.Exists(target))
        {
            target = Path.Combine(target, name); // As cp does.
        }

        var download = new Download(job, context.Terminal, arguments.GetValue(_force));
        (int files, long bytes) = await download.RunAsync(path, Path.TrimEndingDirectorySeparator(target));
        context.Hint($"{target}: {(files == 1 ? "1 file" : $"{files} files")}, {Quantities.Bytes(bytes)}");
        return ExitCodes.Success;
    }
}
