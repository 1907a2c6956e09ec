using System.Text;
using Drover.Cli.Consoles;

namespace Drover.Cli.Tests;

/// <summary>Where a command under test writes to.</summary>
internal sealed class CommandOutput
{
    private readonly MemoryStream _output = new();
    private readonly MemoryStream _error = new();

    public CommandOutput(int width = int.MaxValue, bool hasColors = false, bool isTerminal = false, Stream? output = null) => Terminal = new Terminal
    {
        Output = output ?? Stream.Synchronized(_output),
        Error = Stream.Synchronized(_error),
        Width = width,
        HasColors = hasColors,
        IsOutputTerminal = isTerminal,
        IsErrorTerminal = isTerminal,
    };

    public Terminal Terminal { get; }

    public byte[] OutputBytes => _output.ToArray();

    public string Output => Encoding.UTF8.GetString(OutputBytes);

    public string Error => Encoding.UTF8.GetString(_error.ToArray());
}
