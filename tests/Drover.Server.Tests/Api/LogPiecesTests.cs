using Drover.Server.Api.Events;

namespace Drover.Server.Tests.Api;

public sealed class LogPiecesTests
{
    [Fact]
    public void However_bytes_are_cut_characters_stay_whole_and_places_are_true()
    {
        byte[] log = [.. "aé€🦌"u8, 0xFF, 0x80, .. "z"u8, 0xC3, .. "q"u8, 0xF0, 0x9F, 0xA6];
        for (int size = 1; size <= log.Length; size++)
        {
            var pieces = new LogPieces(position: 100, attempt: 2);
            var all = new List<LogPiece>();
            foreach (byte[] part in log.Chunk(size))
            {
                part.CopyTo(pieces.Space);
                if (pieces.Add(part.Length) is { } piece)
                {
                    all.Add(piece);
                }
            }

            if (pieces.TakeRest() is { } rest)
            {
                all.Add(rest);
            }

            Assert.Equal("aé€🦌\uFFFD\uFFFDz\uFFFDq\uFFFD", string.Concat(all.Select(piece => piece.Text)));
            Assert.Equal((100, 2), (all[0].Offset, all[0].Attempt));
            Assert.Equal(100 + log.Length, pieces.Position);
        }
    }
}
