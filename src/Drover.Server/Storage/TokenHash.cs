using System.Security.Cryptography;
using System.Text;

namespace Drover.Server.Storage;

/// <summary>What is kept of a token: its SHA-256. Tokens are long and random, so that needs no salt.</summary>
/// <param name="Hex">64 lower-case hexadecimal digits.</param>
internal readonly record struct TokenHash(string Hex)
{
    /// <summary>The hash of a token.</summary>
    public static TokenHash Of(string token) => new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token))));

    /// <summary>By what people know the token: the first 12 digits.</summary>
    public string Id => Hex[..12];

    /// <inheritdoc/>
    public override string ToString() => Hex;
}
