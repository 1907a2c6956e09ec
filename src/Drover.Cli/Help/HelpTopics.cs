namespace Drover.Cli.Help;

/// <summary>What there is help about beside commands. Each is short: the guide says more.</summary>
internal static class HelpTopics
{
    public static IReadOnlyList<HelpTopic> All { get; } =
    [
        new("scripts", "what #DROVER and #SBATCH lines in a script do", Scripts),
        new("arrays", "many jobs that differ by an index", Arrays),
        new("after", "jobs that wait for others", After),
        new("workflows", "a file with jobs that depend on each other", Workflows),
        new("inputs", "files that go with a job, and results that come back", Inputs),
        new("reuse", "when an earlier result is given back", Reuse),
        new("retries", "trying again what failed", Retries),
        new("waiting", "priority, hold, and what a job waits for", Waiting),
        new("progress", "how a job says how far it is", Progress),
        new("environment", "variables that drover reads, and that jobs find", Environment),
        new("configuration", "the data folder, drover.yaml, other servers", Configuration),
        new("json", "output for programs", Json),
        new("exit-codes", "what drover exits with", ExitCodes.Table),
    ];

    public static HelpTopic? Find(string name) => All.FirstOrDefault(t => t.Name == name);

    private const string Scripts = """
        Scripts say what they need

        In a script that `run`, `submit` or the step of a workflow is given by its path, comments before the first
        command can hold options:

          #!/bin/sh
          #DROVER --cpus 4 --time 1:00:00
          #DROVER --name "my model" --env MODE=fast
          ./model

        They are the options of `drover submit`. What is typed on the command line counts before them; --env, --input
        and --after add up. A mistake in them is told with its line, and nothing is submitted.

        #SBATCH lines are read too, as Slurm reads them: --time (90 is minutes), --cpus-per-task, --ntasks, --mem,
        --mem-per-cpu, --job-name, --array, --dependency, --hold, --chdir. Other options of Slurm are named on the error
        stream and have no effect. Where both say something, #DROVER counts.
        """;

    private const string Arrays = """
        Many jobs that differ by an index

          drover submit --array 1-1000%50 -- ./simulate.sh     a thousand jobs, at most fifty at once
          drover submit --array 0-90:10 -- ./simulate.sh       0, 10, 20, … 90
          drover run --array 1,3,7-9 -- ./simulate.sh          waits for all; exits with the highest exit code

        Each job finds its index in DROVER_ARRAY_INDEX and the number of the array in DROVER_ARRAY_ID. All are accepted
        with one request, or none is.

        The array has a number, such as 17: list shows it in one row; show, explain, wait, cancel, hold, release and
        change take it as one; `drover change 17 --at-once 20` lets that many of its jobs run at once.
        17_3 is its job with index 3, for every command that takes a job. `drover list --array 17` lists its jobs.
        """;

    private const string After = """
        Jobs that wait for others

          drover submit --after 12,13 -- ./merge.sh       when 12 and 13 have succeeded
          drover submit --after ended:12 -- ./clean.sh    when 12 has ended, however it did
          drover submit --after failed:12 -- ./report.sh  when 12 has failed

        The numbers may be arrays, or jobs of one (17_3). All that is named has to happen. When it no longer can, the job
        that waits ends as canceled, and says which other job was the reason. `drover help workflows` shows how to submit
        many such jobs at once.
        """;

    private const string Workflows = """
        A file with jobs that depend on each other

        `drover workflow FILE` submits all of it, or nothing. The file is YAML:

          name: climate
          defaults:
            time: 1h
          steps:
            prepare:
              command: ./prepare.sh --year 2026
            simulate:
              command: [./simulate.sh, --fast]
              array: 1-100%20
              cpus: 2
              after: prepare
            report:
              script: |
                sort results/* > report.txt
              after: [simulate, "ended:prepare"]

        A step has a command (words; no shell looks at them) or a script for /bin/sh. Its other keys are the long options
        of `drover submit`; those that take no value are true or false. `after` names steps, or numbers of jobs that exist
        already. Relative paths are relative to the file's folder. Every mistake is told with its line.
        """;

    private const string Inputs = """
        Files that go with a job

          drover run --input data --input config.json=in.json -- ./model in.json

        uploads files and folders and lays them out in the job's run directory, where the command then runs. Modes and
        symbolic links within them are kept; --follow-links uploads what links lead to. What the server has already is not
        sent again. A program that is named by a relative path, such as ./model, goes along.

        Results come back from there, also while the job runs:

          drover files 17             what is there
          drover get 17 out.csv       a file; -  at the end writes it to standard output
          drover get 17 figures       a folder
          drover get 17 '**/*.csv'    what fits, with its folders
          drover get 17               all of it
          drover exec 17 -- tail out  a short command there

        A transfer that broke goes on where it broke. Files are removed when the server has kept them for its time;
        `drover pin 17` keeps them.
        """;

    private const string Reuse = """
        When an earlier result is given back

        A job with --input that has the same command, inputs, environment and site as an earlier one of yours, which
        succeeded and whose files are still there, is not run: the earlier one is given back, and that is said. `run` shows
        its output and exits with 0, `submit` prints its number.

          --force   runs it anyway
          --reuse   also for a job without inputs; of what else it reads the server cannot know
        """;

    private const string Retries = """
        Trying again what failed

          drover submit --retries 3 -- ./model
          drover submit --retries 3 --retry-on lost,node-failed,exit:75,signal:9 --retry-delay 1m -- ./model

        Endings: lost, node-failed, preempted, out-of-memory, time-limit, launch-failed, exit (any code but 0), exit:75,
        signal (any), signal:9. Without --retry-on all of them but time-limit and launch-failed. A canceled job is not
        tried again. The time between attempts begins with --retry-delay (1s) and doubles, up to ten minutes.

        Every attempt runs in the same run directory and has its own ending and log: `drover show 17` lists them,
        `drover log 17 --attempt 1` shows what the first one wrote.
        """;

    private const string Waiting = """
        What a job waits for

        `drover list` shows it as the situation, `drover explain 17` tells more. The order: other jobs (--after), being
        held (--hold), the delay of a retry, its place in an array, its agent, its run directory, CPUs.

          drover submit --priority 10 -- ./model    higher goes first among your own jobs
          drover submit --hold -- ./model           waits until it is released
          drover hold 17, drover release 17         later
          drover change 17 --priority 5 --time 2h   while it waits
        """;

    private const string Progress = """
        How a job says how far it is

        It appends lines of JSON to the file that DROVER_PROGRESS names:

          echo '{"fraction": 0.4, "message": "step 4 of 10"}' >> "$DROVER_PROGRESS"

        list, show and run show the last line, and how long it will take yet, judging by how fast it was lately.
        """;

    private const string Environment = """
        Variables that drover reads

          DROVER_SERVER   the server's address; default: this machine's own
          DROVER_TOKEN    the token for it
          DROVER_DATA     the data folder of this machine's own server; default: ~/.local/share/drover
          NO_COLOR        no colors when it is set; CLICOLOR_FORCE=1 colors also in pipes; TERM=dumb none
          DROVER_DEBUG    shows where a mistake in drover happened

        Variables that a job finds

          DROVER_JOB, DROVER_ATTEMPT              17, and 17.1
          DROVER_RUN_DIR                          its run directory
          DROVER_CPUS                             how many CPUs are its own
          DROVER_PROGRESS                         the file for progress
          DROVER_ARRAY_ID, DROVER_ARRAY_INDEX     in an array: its number, and the job's index

        Beside these a job has the environment of its agent, not of your shell: --env NAME passes a variable on.
        """;

    private const string Configuration = """
        The data folder, drover.yaml, other servers

        `drover up` starts the server of this machine; run and submit do that when none runs. It keeps everything in its
        data folder: --data DIR, else DROVER_DATA, else $XDG_DATA_HOME/drover, else ~/.local/share/drover. What it may be
        told is in drover.yaml there, or in the file of `drover up --config FILE`; docs/guide/server.md lists the keys.
        A mistake in it is told with its line, and the server does not start.

        --server URL (or DROVER_SERVER) with DROVER_TOKEN names a server elsewhere.
        """;

    private const string Json = """
        Output for programs

        With --json every command writes the objects of the API, one a line, and nothing else; errors are problem objects
        on the error stream, and the exit codes are the same.

          drover list --json            jobs, and arrays (--expand: jobs only)
          drover run --json CMD         the job after each change, its output as {"stream":"stdout","text":"…"}, and at
                                        last the job with its ending
          drover log --json ID          the same lines for the output
          drover submit --json CMD      the job, or the array

        Without a terminal there are no colors, no bars and no cut columns.
        """;
}
