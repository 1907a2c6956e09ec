using Drover.Client.Scripts;

namespace Drover.Client.Tests.Scripts;

public sealed class ScriptDirectivesTests
{
    [Fact]
    public void Everything_that_submit_can_say_a_script_can_say()
    {
        ScriptDirectives says = Parse(
            "#DROVER --cpus 4 --memory=2G -t 1:00:00 # as long as it takes",
            "#DROVER --name \"my job\" --site nersc -p -5 --grace 30s --run-dir shared --in-run-dir",
            "#DROVER -e A='x y' --env B --input data --input in.json=in/a.json --follow-links --array 1-1000%50",
            "#DROVER --after 12,17_3 --after ended:13 --retries 3 --retry-on lost,exit:75 --retry-delay 30s --hold --pin --force");
        Assert.Empty(says.Mistakes);
        Assert.Empty(says.Ignored);
        Assert.Equal((4, 2L << 30, 3600.0), (says.Cpus, says.MemoryBytes, says.TimeLimitSeconds));
        Assert.Equal(("my job", "nersc", -5, 30.0, "shared"), (says.Name, says.Site, says.Priority, says.GraceSeconds, says.RunDirectory));
        Assert.Equal(["A=x y", "B"], says.Environment);
        Assert.Equal(["data", "in.json=in/a.json"], says.Inputs);
        Assert.Equal(("1-1000", 50), (says.Indices, says.AtOnce));
        Assert.Equal([new(new JobId(12)), new(new JobRef(new JobId(17), 3)), new(new JobId(13), DependencyKind.Ended)], says.After);
        Assert.Equal((3, 30.0), (says.Retries, says.RetryDelaySeconds));
        Assert.Equal(["lost", "exit:75"], says.RetryOn!);
        Assert.Equal((true, true, true, true, false), (says.FollowLinks, says.InRunDirectory, says.Hold, says.Pin, says.Reuse));
    }

    [Fact]
    public void Slurms_lines_for_the_same_are_understood()
    {
        ScriptDirectives says = Parse(
            "#SBATCH --ntasks=2 --cpus-per-task 3",
            "#SBATCH -t 2-12 --mem=500 -J model -a 1,3,7-9%2 -H",
            "#SBATCH --dependency=afterok:12:13,afterany:14,afternotok:15 -D /scratch -N 1 --no-requeue");
        Assert.Empty(says.Mistakes);
        Assert.Empty(says.Ignored);
        Assert.Equal((6, 500L << 20, 60 * 3600.0), (says.Cpus, says.MemoryBytes, says.TimeLimitSeconds));
        Assert.Equal(("model", "1,3,7-9", 2, true, "/scratch"), (says.Name, says.Indices, says.AtOnce, says.Hold, says.WorkingDirectory));
        Assert.Equal(
            [new(new JobId(12)), new(new JobId(13)), new(new JobId(14), DependencyKind.Ended), new(new JobId(15), DependencyKind.Failed)], says.After);
    }

    [Theory]
    [InlineData("90", 90 * 60)]
    [InlineData("30:15", (30 * 60) + 15)]
    [InlineData("12:00:00", 12 * 3600)]
    [InlineData("2-3", ((2 * 24) + 3) * 3600)]
    [InlineData("2-3:30", (((2 * 24) + 3) * 3600) + 1800)]
    [InlineData("1-00:00:01", 86401)]
    public void Times_are_Slurms(string time, int seconds) => Assert.Equal(seconds, Parse($"#SBATCH --time={time}").TimeLimitSeconds);

    [Theory]
    [InlineData("0")]
    [InlineData("UNLIMITED")]
    [InlineData("infinite")]
    public void Slurms_words_for_no_limit_are_no_limit(string time)
    {
        ScriptDirectives says = Parse("#SBATCH -t 5", $"#SBATCH -t {time}");
        Assert.Null(says.TimeLimitSeconds);
        Assert.Empty(says.Mistakes);
    }

    [Theory]
    [InlineData("--mem=4G", 4L << 30)]
    [InlineData("--mem=100K", 100L << 10)]
    [InlineData("--mem-per-cpu=1G -c 4", 4L << 30)]
    [InlineData("--mem-per-cpu=1G -n 2 -c 2 --mem=1G", 1L << 30)]
    public void Memory_is_Slurms(string words, long bytes) => Assert.Equal(bytes, Parse($"#SBATCH {words}").MemoryBytes);

    [Theory]
    [InlineData("#SBATCH --output=%x.log", "#SBATCH --output %x.log is not used: what a job writes is kept anyway; `drover log ID` shows it")]
    [InlineData("#SBATCH -o log", "#SBATCH -o log is not used: what a job writes is kept anyway; `drover log ID` shows it")]
    [InlineData("#SBATCH --exclusive", "#SBATCH --exclusive is not used: it has no counterpart here")]
    [InlineData("#SBATCH --nodes=2", "#SBATCH --nodes 2 is not used: a job runs on one machine")]
    [InlineData("#SBATCH --mem=0", "#SBATCH --mem 0 is not used: all memory of a machine cannot be had; write how much")]
    public void What_Slurm_has_and_Drover_has_not_is_said_with_its_line(string line, string note)
    {
        ScriptDirectives says = Parse("", line, "#SBATCH -c 2");
        Assert.Equal([new ScriptNote(3, note)], says.Ignored);
        Assert.Equal(2, says.Cpus);
    }

    [Theory]
    [InlineData("#DROVER --cpu 4", "#DROVER has no option '--cpu'; those of `drover submit` are known")]
    [InlineData("#DROVER four", "'four' is no option of #DROVER")]
    [InlineData("#DROVER --cpus four", "--cpus must be a whole number from 1, not 'four'")]
    [InlineData("#DROVER --cpus", "--cpus needs a value: a whole number from 1")]
    [InlineData("#DROVER --hold=yes", "--hold takes no value")]
    [InlineData("#DROVER --name 'my job", "a quote is not closed")]
    [InlineData("#DROVER --after never:3", "--after must be jobs, such as 12,13, or ended:12,13 or failed:12,13 when they need not succeed, not 'never:3'")]
    [InlineData("#DROVER --array 1-9%0", "--array: After the % stands how many jobs may run at once, as in 1-1000%50; not '0'")]
    [InlineData("#SBATCH --time=soon", "--time must be a time, such as 90 (minutes), 30:00, 12:00:00 or 2-00:00:00, not 'soon'")]
    [InlineData("#SBATCH --dependency=singleton", "--dependency singleton is not known; there are afterok, afterany and afternotok")]
    [InlineData("#SBATCH --dependency=afterok:1?afterok:2", "--dependency must be dependencies, such as afterok:12:13,afterany:14, not 'afterok:1?afterok:2'")]
    public void What_is_wrong_is_a_mistake_with_its_line(string line, string note) =>
        Assert.Equal([new ScriptNote(2, note)], Parse(line).Mistakes);

    [Fact]
    public void Directives_end_at_the_first_command()
    {
        ScriptDirectives says = ScriptDirectives.Parse("#!/bin/sh\n# About.\n\n  # More.\n#SBATCH -c 2\nset -e\n#SBATCH -c 3\n#DROVER --cpus 4\n");
        Assert.Equal(2, says.Cpus);
    }

    [Theory]
    [InlineData("##SBATCH -c 2")]
    [InlineData("# SBATCH -c 2")]
    [InlineData(" #DROVER -c 2")]
    [InlineData("#DROVERS -c 2")]
    [InlineData("#SBATCH-c 2")]
    public void Comments_that_only_look_like_directives_are_comments(string line) => Assert.Null(Parse(line).Cpus);

    [Fact]
    public void The_later_line_counts_and_Drovers_before_Slurms()
    {
        ScriptDirectives says = Parse("#DROVER -c 4", "#DROVER -c 5", "#SBATCH -c 6 -J model");
        Assert.Equal((5, "model"), (says.Cpus, says.Name));
    }

    [Fact]
    public void Lines_may_end_as_on_Windows() => Assert.Equal(
        ("a", 2), (ScriptDirectives.Parse("#!/bin/sh\r\n#DROVER --name a\r\n#SBATCH -c 2\r\n").Name, 2));

    [Fact]
    public void Only_what_begins_as_a_script_is_read()
    {
        string folder = Directory.CreateTempSubdirectory("drover-script-").FullName;
        try
        {
            string script = Path.Combine(folder, "script");
            File.WriteAllText(script, "#!/bin/sh\n#DROVER -c 4\n" + new string('x', 200_000));
            Assert.Equal(4, ScriptDirectives.Read(script)!.Cpus);
            File.WriteAllBytes(script, [0x7f, .. "ELF\n#DROVER -c 4\n"u8]);
            Assert.Null(ScriptDirectives.Read(script));
            Assert.Null(ScriptDirectives.Read(folder));
            Assert.Null(ScriptDirectives.Read("/dev/zero"));
            Assert.Null(ScriptDirectives.Read(Path.Combine(folder, "nothing")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_spec_has_what_the_script_asks_for()
    {
        JobSpec spec = Parse("#DROVER -c 4 -n orbits --retries 2 --after 12 -e A=1 --hold").ToSpec(["./orbits.sh"]);
        Assert.Equal(("local", 4, "orbits", true), (spec.Site, spec.Cpus, spec.Name, spec.Hold));
        Assert.Equal(2, spec.Retry!.Retries);
        Assert.Equal([new Dependency(new JobId(12))], spec.After!);
        Assert.Equal("1", spec.Environment!["A"]);
        Assert.Equal(["./orbits.sh"], spec.Command);
    }

    private static ScriptDirectives Parse(params string[] lines) => ScriptDirectives.Parse(string.Join('\n', ["#!/bin/sh", .. lines, "true", ""]));
}
