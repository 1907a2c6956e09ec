using System.Text;

namespace Drover.Client.Tests;

public sealed class FileTests : ClientTest
{
    [Fact]
    public async Task A_file_goes_on_with_the_next_byte_after_a_broken_connection()
    {
        Server.On("GET /api/v1/jobs/1/files/out/planets.csv", Answers.BytesThenBreak("mercury,"u8), Answers.Part(8, "venus"u8));
        using var copy = new MemoryStream();
        Assert.Equal(13, await Job.CopyFileAsync("out/planets.csv", copy));
        Assert.Equal("mercury,venus", Encoding.UTF8.GetString(copy.ToArray()));
    }

    [Fact]
    public async Task A_file_is_not_put_together_wrongly_when_the_server_begins_again()
    {
        Server.On("GET /api/v1/jobs/1/files/a", Answers.BytesThenBreak("half"u8), Answers.Bytes("half and half"u8));
        await Assert.ThrowsAsync<UnexpectedAnswerException>(() => Job.CopyFileAsync("a", Stream.Null));
    }

    [Fact]
    public async Task Names_of_files_are_escaped()
    {
        Server.On("GET /api/v1/jobs/1/files/50% of #1?.txt", Answers.Bytes("x"u8));
        Assert.Equal(1, await Job.CopyFileAsync("50% of #1?.txt", Stream.Null));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_told_from_a_job_that_is_not_there()
    {
        await Assert.ThrowsAsync<JobNotFoundException>(() => Job.CopyFileAsync("a", Stream.Null));
        Server.OnJob(SomeJobs.Ended());
        await Assert.ThrowsAsync<FileNotInJobException>(() => Job.CopyFileAsync("a", Stream.Null));
        await Assert.ThrowsAsync<FileNotInJobException>(() => Job.ListFilesAsync("a"));
    }

    [Fact]
    public async Task Whether_there_is_a_file_or_folder_can_be_asked()
    {
        await Assert.ThrowsAsync<JobNotFoundException>(() => Job.HasFileAsync("a"));
        Server.OnJob(SomeJobs.Ended());
        Assert.False(await Job.HasFileAsync("a[1]"));
        Server.On("GET /api/v1/jobs/1/files", Answers.Json(new FileList { Directory = "/runs/1", Entries = [] }, ProtocolJson.Default.FileList));
        Assert.True(await Job.HasFileAsync("folder"));
        Server.On("GET /api/v1/jobs/1/files", Answers.Problem(404, "notFound", "There is none.")).On("GET /api/v1/jobs/1/files/a[1]", Answers.Bytes("a"u8));
        Assert.True(await Job.HasFileAsync("a[1]"));
    }

    [Fact]
    public async Task A_folder_is_listed()
    {
        var list = new FileList { Directory = "/runs/1", Entries = [new FileEntry { Path = "out/a", Length = 3 }] };
        Server.On("GET /api/v1/jobs/1/files", Answers.Json(list, ProtocolJson.Default.FileList));
        Assert.Equal("out/a", (await Job.ListFilesAsync("out")).Entries.Single().Path);
        Assert.Equal("GET /api/v1/jobs/1/files?path=out", Server.Requests.Single());
    }
}
