namespace Drover.Client;

/// <summary>The server does not know the token, or none was given.</summary>
public sealed class UnauthorizedException : DroverException
{
    internal UnauthorizedException(string message)
        : base(message, inner: null)
    {
    }
}
