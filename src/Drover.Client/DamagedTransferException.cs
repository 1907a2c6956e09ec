namespace Drover.Client;

/// <summary>What came is not what was sent: its checksum is another. Nothing of it was kept.</summary>
public sealed class DamagedTransferException : DroverException
{
    internal DamagedTransferException(string message)
        : base(message, inner: null)
    {
    }
}
