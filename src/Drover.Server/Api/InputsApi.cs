using System.Collections.Concurrent;
using System.Globalization;
using Drover.Protocol.Files;
using Drover.Server.Inputs;
using Drover.Server.Supervision;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Drover.Server.Api;

/// <summary>Inputs over HTTP: what is missing, uploads, and what agents fetch of them.</summary>
internal sealed class InputsApi(EventLoop loop, Supervisor supervisor, InputStore store, InputManifests manifests, InputQuota quota, Callers callers)
{
    private const int MostHashes = 10_000;
    private const long MaxPackBytes = 64 << 20;
    private const int MostPacksAtOnce = 4;

    /// <summary>Room for packs, by user.</summary>
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _packs = new();

    private const string OffsetHeader = "Upload-Offset";
    private const string HashHeader = "Upload-Hash";
    private const string CrcHeader = "Upload-Crc64";
    private const string CompleteHeader = "Upload-Complete";

    internal void Map(IEndpointRouteBuilder api, IEndpointRouteBuilder agents)
    {
        api.MapPost("/inputs/missing", MissingAsync);
        api.MapPost("/inputs/pack", PackAsync);
        api.MapMethods("/inputs/{sha256}", [HttpMethods.Head], HeadAsync);
        api.MapPut("/inputs/{sha256}", PutAsync);
        agents.MapGet(AgentProtocol.InputsPath + "{attempt}", FetchAsync);
    }

    private async Task MissingAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        HashList asked = await http.Request.ReadAsync(ProtocolJson.Default.HashList);
        if (asked.Hashes.Count > MostHashes)
        {
            throw ApiException.Bad($"At most {MostHashes} hashes can be asked about at once, not {asked.Hashes.Count}.");
        }

        foreach (string? hash in asked.Hashes)
        {
            if (hash is null || !InputRules.IsHash(hash))
            {
                throw NoHash(hash ?? "null");
            }
        }

        IReadOnlyList<string> missing = await store.MissingAsync(caller.User, asked.Hashes);
        await http.Response.WriteAsync(new HashList { Hashes = missing }, ProtocolJson.Default.HashList);
    }

    private async Task HeadAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        (long offset, bool isComplete) = await store.FindAsync(caller.User, HashOf(http));
        Tell(http, offset, isComplete);
    }

    private async Task PutAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        string hash = HashOf(http);
        long offset = (string?)http.Request.Headers[OffsetHeader] is not { Length: > 0 } text ? 0
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number
            : throw ApiException.Bad($"{OffsetHeader} is a whole number, not '{text}'.");
        bool isHash = (string?)http.Request.Query["unhashed"] switch
        {
            null or "" or "false" => true,
            "true" => false,
            string other => throw ApiException.Bad($"unhashed is true or false, not '{other}'."),
        };
        if (!isHash && http.Request.ContentLength + offset is { } length && await store.HasLengthAsync(caller.User, length))
        {
            throw new ApiException(
                StatusCodes.Status412PreconditionFailed, "maybeKnown", $"There is a content of {length} bytes, which may be this one: ask about its SHA-256 first.");
        }

        using InputAdmission admission = await quota.AdmitAsync(caller.User, hash, offset, http.Request.ContentLength);
        http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = null; // The quota bounds it.
        http.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = null; // A slow upload costs nothing. One that has stopped is ended by the quota.
        try
        {
            StoredContent stored = await store.PutAsync(caller.User, hash, isHash, offset, http.Request.BodyReader, admission, http.RequestAborted);
            http.Response.Headers[HashHeader] = stored.Hash;
            if (stored.Crc is { } crc)
            {
                http.Response.Headers[CrcHeader] = crc;
            }

            http.Response.StatusCode = stored.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        }
        catch (OperationCanceledException) when (admission.Silence.IsCancellationRequested)
        {
            BreakOff(http);
        }
        catch (InputException e)
        {
            throw Refused(http, e);
        }
    }

    /// <summary>Many small contents at once.</summary>
    private async Task PackAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = MaxPackBytes;
        SemaphoreSlim room = _packs.GetOrAdd(caller.User, static _ => new SemaphoreSlim(MostPacksAtOnce));
        await room.WaitAsync(http.RequestAborted); // A pack is in memory as a whole, however slowly it comes.
        try
        {
            using InputAdmission admission = await quota.AdmitPackAsync(caller.User, Math.Min(http.Request.ContentLength ?? MaxPackBytes, MaxPackBytes));
            await AddPackAsync(http, caller, admission);
        }
        finally
        {
            room.Release();
        }
    }

    private async Task AddPackAsync(HttpContext http, Caller caller, InputAdmission admission)
    {
        try
        {
            using ContentPack pack = await ContentPack.ReadAsync(http.Request.Body, http.Request.ContentLength, admission, http.RequestAborted);
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // Hashing takes a while: not on a thread that serves others.
            pack.Unpack();
            await store.AddAsync(caller.User, pack.Contents, admission);
            http.Response.StatusCode = StatusCodes.Status201Created;
        }
        catch (OperationCanceledException) when (admission.Silence.IsCancellationRequested)
        {
            BreakOff(http);
        }
        catch (InputException e)
        {
            throw Refused(http, e);
        }
    }

    /// <summary>An agent gets the inputs of an attempt that it was told to start.</summary>
    private async Task FetchAsync(HttpContext http)
    {
        Storage.TokenRow token = await callers.AgentAsync(http);
        string text = (string)http.Request.RouteValues["attempt"]!;
        string? hash = AttemptId.TryParse(text, CultureInfo.InvariantCulture, out AttemptId attempt)
            ? await loop.InvokeAsync(() => supervisor.InputsOf(attempt, token.User, token.Site!), "inputs of an attempt")
            : null;
        if (hash is null || await manifests.ReadAsync(token.User, hash) is not { } read)
        {
            throw new ApiException(404, "notFound", $"There is no attempt {text} with inputs that this agent is to start.");
        }

        http.Response.ContentType = "application/x-tar";
        http.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = null;
        var sent = new InputsSent(attempt, read.Manifest.Entries.Sum(entry => entry.Length));
        await loop.InvokeAsync(() => supervisor.AreSent(sent), "inputs are sent");
        var body = new CountedStream(http.Response.Body, sent);
        await using (body)
        {
            await new InputArchive(store, token.User).WriteAsync(read.Manifest, read.Json, body, http.RequestAborted);
        }
    }

    /// <summary>Nothing comes: ends the connection, so that a client that is there after all sees it, and goes on with another one.</summary>
    private static void BreakOff(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status408RequestTimeout; // For traces; nobody gets it.
        http.Abort();
    }

    private static ApiException Refused(HttpContext http, InputException e)
    {
        if (e.Offset is { } offset)
        {
            http.Response.OnStarting(() =>
            {
                http.Response.Headers[OffsetHeader] = offset.ToString(CultureInfo.InvariantCulture);
                return Task.CompletedTask;
            });
        }

        int status = e.Code switch
        {
            "conflict" => StatusCodes.Status409Conflict,
            "badRequest" => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status422UnprocessableEntity,
        };
        return new ApiException(status, e.Code, e.Message);
    }

    private static void Tell(HttpContext http, long offset, bool isComplete)
    {
        http.Response.Headers[OffsetHeader] = offset.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers[CompleteHeader] = isComplete ? "?1" : "?0";
        http.Response.Headers.CacheControl = "no-store";
    }

    private static string HashOf(HttpContext http) => (string)http.Request.RouteValues["sha256"]! is var hash && InputRules.IsHash(hash) ? hash : throw NoHash(hash);

    private static ApiException NoHash(string text) => ApiException.Bad($"{InputRules.Show(text)} is no SHA-256: 64 hexadecimal digits in lower case.");
}
