using Drover.Protocol.Files;

namespace Drover.Server.Api.Description;

/// <content>Logs and files of jobs.</content>
internal static partial class Operations
{
    private const string Bytes = "application/octet-stream";

    private static IEnumerable<(string Route, Operation Operation)> Files() =>
    [
        ("GET /jobs/{id}/log", OfJob("files", "readLog", "What a job wrote, byte for byte; `Drover-Log-Offset` says at which byte the answer begins, `Drover-Log-Attempt` which attempt wrote it.")
            .Query("stream", "stdout|stderr", "Which of the two. Default: stdout.")
            .Query("offset", "integer", "From which byte; negative counts from the end. Default: 0.")
            .Query("attempt", "integer", "Which attempt's. Default: the last one's that has begun.")
            .Query("follow", "true|false", "Goes on as the attempt writes, until it has ended. Default: false.")
            .AnswersWith(200, Bytes, "The bytes.")
            .Refuses(400)),
        ("GET /jobs/{id}/files", OfJob("files", "listFiles", "Lists a folder of a job's run directory, and all below it.")
            .Query("path", "string", "The folder, with slashes. Default: all of the run directory.")
            .AnswersJson<FileList>()),
        ("GET /jobs/{id}/files/{**path}", OfJob("files", "readFile", "A file of a job's run directory, also while the job runs.")
            .Path("path", "The file, with slashes.")
            .Header("Range", "`bytes=100-199`, or `bytes=100-`: which part. Others are answered with all of it.")
            .AnswersWith(200, Bytes, "The file.")
            .AnswersWith(206, Bytes, "A part of the file.")
            .Refuses(416)),
    ];
}
