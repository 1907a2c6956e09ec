namespace Drover.Server.Inputs;

/// <summary>How much of the disk one user's inputs take, as far as it is known. Under the lock of its <see cref="InputQuota"/>.</summary>
internal sealed class InputUse
{
    /// <summary>One counts at a time.</summary>
    internal SemaphoreSlim Counting { get; } = new(1);

    /// <summary>When it was counted; null: never.</summary>
    internal DateTimeOffset? CountedAt { get; set; }

    /// <summary>What was there then.</summary>
    internal long Counted { get; set; }

    /// <summary>What uploads that ended since then may have brought.</summary>
    internal long SinceCounted { get; set; }

    /// <summary>Both.</summary>
    internal long Bytes => Counted + SinceCounted;
}
