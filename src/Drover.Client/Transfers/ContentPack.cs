using System.Formats.Tar;
using System.Net.Http.Headers;

namespace Drover.Client.Transfers;

/// <summary>Many small contents in one request: a tar archive whose entries are named by the hashes.</summary>
internal static class ContentPack
{
    private const int HeaderBytes = 512;

    /// <summary>The archive.</summary>
    public static byte[] Of(IReadOnlyList<(string Hash, byte[] Content)> contents)
    {
        using var archive = new MemoryStream((int)contents.Sum(each => HeaderBytes + each.Content.Length + HeaderBytes) + (2 * HeaderBytes));
        using (var writer = new TarWriter(archive, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach ((string hash, byte[] content) in contents)
            {
                using var data = new MemoryStream(content, writable: false);
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, hash) { DataStream = data });
            }
        }

        return archive.ToArray();
    }

    /// <summary>It as the body of a request.</summary>
    public static HttpContent Content(byte[] archive) =>
        new ByteArrayContent(archive) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-tar") } };
}
