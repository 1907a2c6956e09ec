namespace Drover.Client.Transfers;

/// <summary>The kinds of files.</summary>
internal enum FileKind
{
    File,
    Folder,
    Link,
    Pipe,
    Socket,
    Device,
}
