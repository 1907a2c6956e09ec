using System.Text;
using System.Text.RegularExpressions;

namespace Drover.EndToEnd.Tests;

/// <summary>What a command wrote, and its exit code.</summary>
internal sealed partial record CommandResult(int ExitCode, byte[] Output, byte[] ErrorBytes)
{
    internal string Text => Encoding.UTF8.GetString(Output);

    internal string Error => Encoding.UTF8.GetString(ErrorBytes);

    /// <summary>The error stream without what drover says about the job meanwhile: on a slow machine that is more.</summary>
    internal byte[] ErrorOfJob => Encoding.Latin1.GetBytes(Sentences().Replace(Encoding.Latin1.GetString(ErrorBytes), ""));

    /// <summary>Asserts on the exit code, and shows what was said when it is another.</summary>
    internal CommandResult Exits(int code)
    {
        Assert.True(ExitCode == code, $"exit code {ExitCode} instead of {code}; it said: {Error}{Text}");
        return this;
    }

    [GeneratedRegex(@"drover: [^\n]*\n", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Sentences();
}
