using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Drover.Cli.Commands;

/// <summary>Says which version this is.</summary>
internal sealed class VersionCommand : DroverCommand
{
    public VersionCommand()
        : base("version", "Print the version")
    {
    }

    public override Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        string version = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "?";
        context.Terminal.WriteLine(context.IsJson
            ? $$"""{"version":"{{JsonEncodedText.Encode(version)}}"}"""
            : $"drover {version} ({RuntimeInformation.FrameworkDescription})");
        return Task.FromResult(ExitCodes.Success);
    }
}
