namespace Drover.Cli.Text;

/// <summary>Everything about an array, for people.</summary>
internal static class ArrayDescription
{
    public static string Of(ArrayInfo array, DateTimeOffset now)
    {
        var text = new Description(now);
        JobSpec spec = array.Spec.Job;
        text.Line("array", array.Id.ToString());
        text.Line("name", array.Name);
        text.Line("user", array.User);
        text.Line("state", ArrayText.State(array));
        text.Line("jobs", ArrayText.Counts(array));
        text.Line("situation", array.Situation);
        text.Line("indices", array.Spec.Indices);
        text.Line("at once", array.Spec.AtOnce);
        text.Line("numbers", array.Count == 1 ? array.FirstJob.ToString() : $"{array.FirstJob} to {new JobId(array.FirstJob.Value + array.Count - 1)}");
        text.Line("submitted", array.SubmittedAt);
        text.Line("command", JobText.Command(spec));
        text.Line("site", spec.Site);
        text.Spec(spec);
        return text.ToString();
    }
}
