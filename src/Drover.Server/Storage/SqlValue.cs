namespace Drover.Server.Storage;

/// <summary>A value for a parameter of a <see cref="Statement"/>. Numbers have no box: there are several in each row.</summary>
internal readonly struct SqlValue
{
    private SqlValue(object text) => Text = text;

    private SqlValue(long number) => (Number, IsNumber) = (number, true);

    private SqlValue(ReadOnlyMemory<byte> blob) => (Bytes, IsBlob) = (blob, true);

    /// <summary>NULL.</summary>
    internal static SqlValue Null => default;

    /// <summary>Text, as a string or as the bytes of its UTF-8; null for everything else.</summary>
    internal object? Text { get; }

    /// <summary>The number, when it is one.</summary>
    internal long Number { get; }

    /// <summary>Whether it is a number.</summary>
    internal bool IsNumber { get; }

    /// <summary>The bytes of a blob.</summary>
    internal ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Whether it is a blob.</summary>
    internal bool IsBlob { get; }

    public static implicit operator SqlValue(string? text) => text is null ? default : new(text);

    public static implicit operator SqlValue(byte[]? utf8) => utf8 is null ? default : new((object)utf8);

    public static implicit operator SqlValue(long number) => new(number);

    public static implicit operator SqlValue(long? number) => number is { } known ? new(known) : default;

    public static implicit operator SqlValue(int number) => new(number);

    public static implicit operator SqlValue(int? number) => number is { } known ? new(known) : default;

    public static implicit operator SqlValue(bool isTrue) => new(isTrue ? 1 : 0);

    /// <summary>A blob. The bytes have to stay as they are until the statement has run.</summary>
    internal static SqlValue Blob(ReadOnlyMemory<byte> bytes) => new(bytes);
}
