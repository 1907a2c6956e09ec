using System.CommandLine;
using Drover.Cli.Following;
using Drover.Cli.Parsing;
using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>Fetches files of a job's run directory.</summary>
internal sealed class GetCommand : DroverCommand
{
    /// <summary>How many of the names of what did not come are told.</summary>
    private const int MostNames = 10;

    private readonly JobArgument _job = new();
    private readonly Argument<string?> _path = new("path") { HelpName = "PATH", Description = "a file or folder in the run directory, or a glob such as '**/*.csv' in quotes (default: all of it)", Arity = ArgumentArity.ZeroOrOne };
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
        JobRef id = _job.In(arguments);
        JobHandle job = await context.Connect().FindJobAsync(id);
        string path = arguments.GetValue(_path)?.Trim('/') ?? "";
        path = path == "." ? "" : path;
        bool isGlob = LooksLikeGlob(path) && !await job.HasFileAsync(path);
        string? destination = arguments.GetValue(_destination);
        if (destination == "-")
        {
            if (path.Length == 0 || isGlob)
            {
                throw new CliException(ExitCodes.WrongUsage, "Only a file can be written to standard output: name one; `drover files` lists them.");
            }

            await job.CopyFileAsync(path, new PassedOn(context.Terminal, OutputKind.Output));
            return ExitCodes.Success;
        }

        string target = isGlob ? InFolder(context, destination) : Target(context, path, destination, id);
        if (!_force.IsIn(arguments) && !isGlob && Path.Exists(target))
        {
            throw new CliException(ExitCodes.RequestFailed, $"{target} exists: name another place, or replace it with --force.");
        }

        var options = new DownloadOptions { Replace = _force.IsIn(arguments) };
        var report = new TransferReport(context, "getting");
        DownloadResult result;
        try
        {
            result = isGlob
                ? await job.DownloadAsync([path], target, options, report)
                : await job.DownloadAsync(path, target, options, report);
        }
        finally
        {
            report.End();
        }

        Tell(context, target, result);
        return result.Unreadable.Count == 0 ? ExitCodes.Success : throw new CliException(ExitCodes.RequestFailed, Missing(result.Unreadable));
    }

    /// <summary>Where it goes: as cp does, into a folder that is there.</summary>
    private static string Target(CommandContext context, string path, string? destination, JobRef id)
    {
        string target = InFolder(context, destination);
        string name = path.Length > 0 ? path.Split('/')[^1] : $"job-{id}";
        return destination is null || Directory.Exists(target) ? Path.Combine(target, name) : target;
    }

    private static string InFolder(CommandContext context, string? destination) =>
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(destination ?? ".", context.Surroundings.Directory));

    /// <summary>Files may be called so, too.</summary>
    private static bool LooksLikeGlob(string path) => path.AsSpan().ContainsAny('*', '?', '[');

    private static string Missing(IReadOnlyList<string> unreadable)
    {
        string names = string.Join(", ", unreadable.Take(MostNames).Select(path => $"'{Plain.Escape(path)}'"));
        string others = unreadable.Count > MostNames ? $" and {unreadable.Count - MostNames} more" : "";
        return $"{names}{others} did not come: the agent may not read {(unreadable.Count == 1 ? "it" : "them")}. What else was asked for did. Have the job give its user the right (chmod), or choose other files.";
    }

    private static void Tell(CommandContext context, string target, DownloadResult result)
    {
        if (context.IsJson)
        {
            context.Terminal.WriteLine(TransferJson.Of(target, result));
            return;
        }

        context.Hint($"{Plain.Escape(target)}: {(result.Files == 1 ? "1 file" : $"{result.Files} files")}, {Quantities.Bytes(result.Bytes)}");
        if (result.Changed.Count > 0)
        {
            string others = result.Changed.Count > 1 ? $" and {result.Changed.Count - 1} more" : "";
            context.Hint($"'{Plain.Escape(result.Changed[0])}'{others} became shorter while the job wrote: zeros stand for what is missing; get it again when the job has ended");
        }
    }
}
