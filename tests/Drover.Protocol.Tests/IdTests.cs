using System.Text.Json;

namespace Drover.Protocol.Tests;

public sealed class IdTests
{
    [Fact]
    public void The_number_of_a_job_is_a_number()
    {
        var id = new JobId(17);

        Assert.Equal("17", id.ToString());
        Assert.Equal(id, JobId.Parse("17", null));
        Assert.Equal("17", JsonSerializer.Serialize(id, ProtocolJson.Default.JobId));
        Assert.Equal(id, JsonSerializer.Deserialize("17", ProtocolJson.Default.JobId));
        Assert.True(id < new JobId(18) && id <= new JobId(17) && id > new JobId(16) && id >= new JobId(17));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1.5")]
    [InlineData("0x1")]
    [InlineData("9223372036854775808")]
    public void What_is_no_number_of_a_job_is_refused(string? text)
    {
        Assert.False(JobId.TryParse(text, null, out _));
        Assert.Throws<FormatException>(() => JobId.Parse(text!, null));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("\"17\"")]
    [InlineData("null")]
    [InlineData("true")]
    public void Other_JSON_is_no_number_of_a_job(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, ProtocolJson.Default.JobId));

    [Theory]
    [InlineData("17", 17, null)]
    [InlineData("17_3", 17, 3)]
    [InlineData("17_0", 17, 0)]
    public void A_job_is_named_by_its_number_or_its_place_in_an_array(string text, long number, int? index)
    {
        var job = JobRef.Parse(text, null);

        Assert.Equal(new JobRef(new JobId(number), index), job);
        Assert.Equal(text, job.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("_3")]
    [InlineData("17_")]
    [InlineData("17_-1")]
    [InlineData("17_3_4")]
    [InlineData("17_ 3")]
    [InlineData("17.3")]
    [InlineData("17_99999999999")]
    public void What_names_no_job_is_refused(string? text)
    {
        Assert.False(JobRef.TryParse(text, null, out _));
        Assert.Throws<FormatException>(() => JobRef.Parse(text!, null));
    }

    [Fact]
    public void An_attempt_is_written_with_its_job()
    {
        var id = new AttemptId(new JobId(17), 2);

        Assert.Equal("17.2", id.ToString());
        Assert.Equal(id, AttemptId.Parse("17.2", null));
        Assert.Equal("\"17.2\"", JsonSerializer.Serialize(id, ProtocolJson.Default.AttemptId));
        Assert.Equal(id, JsonSerializer.Deserialize("\"17.2\"", ProtocolJson.Default.AttemptId));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("17")]
    [InlineData("17.")]
    [InlineData(".1")]
    [InlineData("17.0")]
    [InlineData("0.1")]
    [InlineData("17.1.1")]
    [InlineData("17.-1")]
    [InlineData("17. 1")]
    [InlineData("17.99999999999")]
    public void What_is_no_attempt_is_refused(string? text)
    {
        Assert.False(AttemptId.TryParse(text, null, out _));
        Assert.Throws<FormatException>(() => AttemptId.Parse(text!, null));
    }

    [Theory]
    [InlineData("17.1")]
    [InlineData("\"17\"")]
    [InlineData("null")]
    public void Other_JSON_is_no_attempt(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, ProtocolJson.Default.AttemptId));
}
