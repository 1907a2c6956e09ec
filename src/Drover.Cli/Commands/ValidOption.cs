using System.CommandLine;
using System.Globalization;
using Drover.Cli.Parsing;

namespace Drover.Cli.Commands;

/// <summary>For how long a new token is good.</summary>
internal sealed class ValidOption : Option<TimeSpan?>
{
    public ValidOption()
        : base("--valid")
    {
        HelpName = "DURATION";
        Description = "for how long the token is good: 12h, 30d (default: until it is revoked)";
        CustomParser = Values.Duration;
    }

    /// <summary>As the server wants it.</summary>
    public double? Seconds(ParseResult arguments) => arguments.GetValue(this)?.TotalSeconds;

    /// <summary>Until when, to be said after the token.</summary>
    public static string Until(IssuedToken token) =>
        token.ExpiresAt is { } end ? string.Create(CultureInfo.InvariantCulture, $" and good until {end.ToUniversalTime():yyyy-MM-dd HH:mm} UTC") : "";
}
