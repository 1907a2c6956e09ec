using System.Formats.Tar;
using System.Security.Cryptography;

namespace Drover.Server.Tests.Api;

/// <summary>Small contents as a client sends them.</summary>
internal static class InputPack
{
    internal static string HashOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    internal static byte[] Of(ReadOnlySpan<byte> content) => Of((HashOf(content), content.ToArray()));

    internal static byte[] Of(params (string Name, byte[] Content)[] contents)
    {
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in contents)
            {
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
            }
        }

        return archive.ToArray();
    }
}
