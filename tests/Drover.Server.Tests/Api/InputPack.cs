using System.Security.Cryptography;
using System.Text;

namespace Drover.Server.Tests.Api;

/// <summary>Small contents as a client sends them.</summary>
internal static class InputPack
{
    internal static string HashOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    internal static byte[] Of(ReadOnlySpan<byte> content) => Of((HashOf(content), content.ToArray()));

    internal static byte[] Of(params (string Name, byte[] Content)[] contents)
    {
        using var pack = new MemoryStream();
        foreach ((string name, byte[] content) in contents)
        {
            pack.Write(Encoding.UTF8.GetBytes($"{name} {content.Length}\n"));
            pack.Write(content);
        }

        return pack.ToArray();
    }
}
