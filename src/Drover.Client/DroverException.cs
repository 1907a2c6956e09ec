namespace Drover.Client;

/// <summary>A request to a Drover server failed. The message is a sentence that says what to do.</summary>
public abstract class DroverException : Exception
{
    /// <summary>Made by the cases only.</summary>
    private protected DroverException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
