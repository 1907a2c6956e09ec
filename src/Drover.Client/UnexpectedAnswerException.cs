namespace Drover.Client;

/// <summary>Something answered that does not speak Drover's API, or a version of it that this client does not understand.</summary>
public sealed class UnexpectedAnswerException : DroverException
{
    internal UnexpectedAnswerException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
