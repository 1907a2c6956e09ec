namespace Drover.Server.Inputs;

/// <summary>The room that an upload has, until it is disposed.</summary>
internal sealed class InputAdmission(InputQuota quota, InputUse? use, string user, string? name, long offset, long? bytes, long most) : IDisposable
{
    /// <summary>What its user has; null when nobody counts it.</summary>
    internal InputUse? Use => use;

    /// <summary>Whose upload it is.</summary>
    internal string User => user;

    /// <summary>The name of the content; null when many come together.</summary>
    internal string? Name => name;

    /// <summary>How much of the content there was before.</summary>
    internal long Offset => offset;

    /// <summary>How many bytes come; zero when that is not known.</summary>
    internal long Bytes => bytes ?? 0;

    /// <summary>How many bytes may come: for uploads that do not say how many.</summary>
    internal long Most => bytes ?? most;

    public void Dispose() => quota.End(this);
}
