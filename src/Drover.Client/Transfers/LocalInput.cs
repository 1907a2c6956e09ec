namespace Drover.Client.Transfers;

/// <summary>A file, folder or link of this machine on its way to become an input.</summary>
/// <param name="LocalPath">Where it is.</param>
/// <param name="Path">Where it goes.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Facts">What it was when it was found.</param>
/// <param name="Target">Where a link leads.</param>
internal sealed record LocalInput(string LocalPath, string Path, InputKind Kind, FileFacts Facts, string? Target = null)
{
    /// <summary>The SHA-256 of its content, once that is known.</summary>
    public string? Hash { get; set; }

    public InputEntry ToEntry() => Kind switch
    {
        InputKind.Link => new InputEntry { Path = Path, Kind = Kind, Target = Target },
        InputKind.Folder => new InputEntry { Path = Path, Kind = Kind, Mode = Facts.Mode },
        _ => new InputEntry { Path = Path, Kind = Kind, Mode = Facts.Mode, Hash = Hash, Length = Facts.Length },
    };

    /// <summary>Throws when it is not what it was when it was found.</summary>
    public void SeeThatItIsUnchanged()
    {
        if (FileFacts.Of(LocalPath, followLink: true) is not { } now || now != Facts)
        {
            throw Changed();
        }
    }

    public InputRefusedException Changed(Exception? inner = null) => new(
        LocalPath, $"{InputRules.Show(LocalPath)} changed while it was uploaded. Submit again when nothing writes to it.", inner);
}
