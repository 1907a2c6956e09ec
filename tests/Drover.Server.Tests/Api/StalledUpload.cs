using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Drover.Server.Tests.Api;

/// <summary>An upload that sends some bytes, and then neither more nor that it ends.</summary>
internal sealed class StalledUpload : IDisposable
{
    private readonly TcpClient _connection = new();
    private readonly ApiServer _server;
    private readonly string _request;
    private readonly StreamReader _answers;

    internal StalledUpload(ApiServer server, string request, string length, ReadOnlyMemory<byte> bytes)
    {
        (_server, _request) = (server, request);
        Uri address = server.Http.BaseAddress!;
        _connection.Connect(address.Host, address.Port);
        NetworkStream stream = _connection.GetStream();
        _answers = new StreamReader(stream, Encoding.ASCII);
        stream.Write(Encoding.ASCII.GetBytes(
            $"{request} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {server.Token}\r\n{length}\r\n\r\n"
                + (length.EndsWith("chunked", StringComparison.Ordinal) ? $"{bytes.Length:x}\r\n" : "")));
        stream.Write(bytes.Span);
    }

    /// <summary>Returns when half a megabyte is in the file.</summary>
    internal async Task ArrivesAsync()
    {
        while (true)
        {
            using HttpResponseMessage there = await _server.SendAsync(HttpMethod.Head, _request.Split(' ')[1], _server.Token);
            if (long.Parse(there.Headers.GetValues("Upload-Offset").Single(), CultureInfo.InvariantCulture) >= 512 << 10)
            {
                return;
            }

            await Task.Delay(20);
        }
    }

    /// <summary>The first line of the next answer.</summary>
    internal async Task<string?> AnswerAsync()
    {
        while (await _answers.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)) is { } line)
        {
            if (line.IndexOf("HTTP/1.1 ", StringComparison.Ordinal) is var at and >= 0)
            {
                return line[at..]; // It follows the body of the one before.
            }
        }

        return null;
    }

    /// <summary>Sends more after all.</summary>
    internal ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => _connection.GetStream().WriteAsync(bytes);

    public void Dispose()
    {
        _answers.Dispose();
        _connection.Dispose();
    }
}
