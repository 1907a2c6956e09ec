using Drover.Protocol.Files;

namespace Drover.Server.Api.Description;

/// <content>Logs, files and inputs of jobs.</content>
internal static partial class Operations
{
    private const string Bytes = "application/octet-stream";
    private const string Tar = "application/x-tar";

    private static IEnumerable<(string Route, Operation Operation)> Files() =>
    [
        ("GET /jobs/{id}/log", OfJob("files", "readLog", "What a job wrote, byte for byte; `Drover-Log-Offset` says at which byte the answer begins, `Drover-Log-Attempt` which attempt wrote it.")
            .Query("stream", "stdout|stderr", "Which of the two. Default: stdout.")
            .Query("offset", "integer", "From which byte; negative counts from the end. Default: 0.")
            .Query("attempt", "integer", "Which attempt's. Default: the last one's that has begun.")
            .Query("follow", "true|false", "Goes on as the attempt writes, until it has ended. Default: false.")
            .AnswersWith(200, Bytes, "The bytes.")
            .Refuses(400, 429)),
        ("GET /jobs/{id}/files", OfJob("files", "listFiles", "Lists a folder of a job's run directory, and all below it.")
            .Query("path", "string", "The folder, with slashes. Default: all of the run directory.")
            .AnswersJson<FileList>()),
        ("GET /jobs/{id}/files/{**path}", OfJob("files", "readFile", "A file of a job's run directory, also while the job runs.")
            .Says("Also with HEAD. `ETag` and `Last-Modified` say which state of the file it is.")
            .Path("path", "The file, with slashes.")
            .Query("checksum", "sha-256|crc-64|true|false", "A checksum of the file from its first byte to the last one of the answer follows, and the header `Drover-Digest` says which: SHA-256 (32 bytes; also `true`) or CRC-64/NVME (8 bytes). Default: false.")
            .Header("Range", "`bytes=100-199`, `bytes=100-` or `bytes=-100`: which part. Others are answered with all of it.")
            .Header("If-Range", "An `ETag`: when the file is another one by now, all of it is the answer.")
            .Header("If-None-Match", "An `ETag`: when the file is still that one, it is not sent.")
            .AnswersWith(200, Bytes, "The file.")
            .AnswersWith(206, Bytes, "A part of the file.")
            .AnswersWith(304, null, "It is still that one.")
            .Refuses(400, 416)),
        ("GET /jobs/{id}/archive", OfJob("files", "readArchive", "Files of a job's run directory as a tar archive, also while the job runs.")
            .Says("`Drover-Files` and `Drover-Total` say how many files there are and how many bytes they have together.")
            .Query("path", "string", "A folder, with slashes; names in the archive are relative to it. Default: all of the run directory.")
            .Query("glob", "string", "Which files, from there: `*`, `?` and `[…]` within a name, `**` for any number of folders. May be given several times. Default: all.")
            .Query("checksum", "sha-256|crc-64|true|false", "A checksum of the archive follows, and the header `Drover-Digest` says which: SHA-256 (32 bytes; also `true`) or CRC-64/NVME (8 bytes). Default: false.")
            .AnswersWith(200, Tar, "The archive.")
            .Refuses(400)),
        ("POST /inputs/missing", new Operation("inputs", "findMissingInputs", "Which of these contents the user has not uploaded.")
            .Says("The others are kept for the time that the server keeps inputs from now on.")
            .Takes<HashList>()
            .AnswersJson<HashList>()),
        ("POST /inputs/pack", new Operation("inputs", "uploadInputs", "Uploads many small contents at once.")
            .Says("Each content follows a line with its SHA-256 in lower case hexadecimal, a blank and its length in bytes. A content has at most 128 KiB; there are at most 10,000, and together with their lines they have at most 64 MiB. All are stored, or none.")
            .TakesBytes(Bytes)
            .AnswersWith(201, null, "They are on disk.")
            .Refuses(400, 422, 507)),
        ("HEAD /inputs/{sha256}", Content("findInput", "How much of a content there is: `Upload-Offset`, and whether that is all of it: `Upload-Complete`, `?1` or `?0`.")
            .AnswersWith(200, null, "The headers say it.")),
        ("PUT /inputs/{sha256}", Content("uploadInput", "Uploads a content, or what is missing of one. What has come of an upload that breaks is kept for a while.")
            .Says("`Upload-Hash` of the answer is its SHA-256; `Upload-Crc64`, with `unhashed`, the CRC-64/NVME of what came. It is on disk when a job that names it is accepted.")
            .Query("unhashed", "true|false", "The path has a name that the client made up, of the form of a hash, because it does not know the hash yet; refused when the user has a content of the same length that is larger than 128 KiB. Default: false.")
            .Header("Upload-Offset", "Where the body begins: zero, or where what is there ends. Default: 0.")
            .TakesBytes(Bytes)
            .AnswersWith(200, null, "It was there already.")
            .AnswersWith(201, null, "It is on disk.")
            .Refuses(409, 412, 422, 507)),
    ];

    private static Operation Content(string name, string summary) =>
        new Operation("inputs", name, summary).Path("sha256", "The SHA-256 of the content, in lower case hexadecimal.").Refuses(400);
}
