namespace Drover.Cli.Text;

/// <summary>Colors as a terminal's own sixteen, so that they fit the user's scheme.</summary>
internal static class Colors
{
    public static string Paint(string text, Color color) => color switch
    {
        Color.Faint => $"\e[2m{text}\e[0m",
        Color.Good => $"\e[32m{text}\e[0m",
        Color.Bad => $"\e[31m{text}\e[0m",
        Color.Busy => $"\e[36m{text}\e[0m",
        Color.Waiting => $"\e[33m{text}\e[0m",
        _ => text,
    };
}
