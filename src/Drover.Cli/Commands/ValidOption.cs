using System.CommandLine;
using System.Globalization;
using Drover.Cli.Parsing;

namespace Drover.Cli.Commands;

/// <summary>For how long a new token is good.</summary>
internal sealed class ValidOption : ValueOption<TimeSpan>
{
    public ValidOption()
        : base("--valid", Values.Duration)
    {
        HelpName = "DURATION";
        Description = "for how long the token is good: 12h, 30d (default: until it is revoked)";
    }

    /// <summary>As the server wants it.</summary>
    public double? Seconds(ParseResult arguments) => In(arguments)?.TotalSeconds;

    /// <summary>Until when, to be said after the token.</summary>
    public static string Until(IssuedToken token) =>
        token.ExpiresAt is { } end ? string.Create(CultureInfo.InvariantCulture, $" and good until {end.ToUniversalTime():yyyy-MM-dd HH:mm} UTC") : "";
}
