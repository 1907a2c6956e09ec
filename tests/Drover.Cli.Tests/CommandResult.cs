namespace Drover.Cli.Tests;

/// <summary>What became of a command.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error);
