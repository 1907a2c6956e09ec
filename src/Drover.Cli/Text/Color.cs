namespace Drover.Cli.Text;

/// <summary>The few colors that mean something.</summary>
internal enum Color
{
    None,
    Faint,
    Good,
    Bad,
    Busy,
    Waiting,
}
