using System.Security.Cryptography;
using Drover.Coroutines;

namespace Drover.Bench.Jobs.Servers;

/// <summary>
/// A Slurm cluster of one node on this machine, with as little between a submit and a start as its settings allow: no
/// accounting, no cgroups, the shortest intervals. Without an epilog it would fill free CPUs once a second only.
/// </summary>
internal sealed class SlurmCluster
{
    public static readonly string[] Programs = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "sinfo"];

    private readonly string _folder;
    private readonly Dictionary<string, string?> _environment;

    private SlurmCluster(string folder)
    {
        _folder = folder;
        _environment = new(StringComparer.Ordinal) { ["SLURM_CONF"] = Path.Combine(folder, "slurm.conf") };
    }

    /// <summary>Starts the cluster, and runs the body when its node takes jobs.</summary>
    public static Task<T> RunAsync<T>(Func<SlurmCluster, Task<T>> body)
    {
        var folder = Scratch.NewFolder("slurm");
        var cluster = new SlurmCluster(folder);
        var key = Path.Combine(folder, "munge.key");
        File.WriteAllBytes(key, RandomNumberGenerator.GetBytes(1024));
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(Path.Combine(folder, "slurm.conf"), cluster.Configuration());
        return cluster.ServeAsync(
            "munged",
            ["-F", $"--socket={cluster.MungeSocket}", $"--key-file={key}", .. Files("pid", "log", "seed")],
            () => Task.FromResult(File.Exists(cluster.MungeSocket)),
            () => cluster.ServeAsync(
                "slurmctld",
                ["-D", "-i"],
                async () => (await cluster.TryAskAsync("sinfo", "-h", "-o", "%t")).Length > 0,
                () => cluster.ServeAsync(
                    "slurmd",
                    ["-D", "-N", "n1"],
                    async () => (await cluster.TryAskAsync("sinfo", "-h", "-o", "%t")).Trim() == "idle",
                    () => body(cluster))));

        IEnumerable<string> Files(params string[] kinds) => kinds.Select(kind => $"--{kind}-file={Path.Combine(folder, $"munged.{kind}")}");
    }

    /// <summary>Runs one of Slurm's commands and gives what it printed.</summary>
    public Task<string> AskAsync(string program, params string[] arguments) =>
        Jobs.Programs.RunAsync(new ProcessSpec(Jobs.Programs.Find(program), arguments)
        {
            WorkingDirectory = _folder,
            Environment = _environment,
        });

    /// <summary>A script that runs a command as <c>sbatch</c> takes it; its arguments are the script's.</summary>
    public string Script(string name, string command)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, $"#!/bin/sh\n{command}\n");
        return path;
    }

    private string MungeSocket => Path.Combine(_folder, "munge.socket");

    private async Task<string> TryAskAsync(string program, params string[] arguments) =>
        (await Subprocess.RunAsync(new ProcessSpec(Jobs.Programs.Find(program), arguments) { Environment = _environment })).Output;

    private Task<T> ServeAsync<T>(string program, string[] arguments, Func<Task<bool>> isReady, Func<Task<T>> body)
    {
        var log = Path.Combine(_folder, $"{program}.out");
        var spec = new ProcessSpec(Jobs.Programs.Find(program), arguments)
        {
            WorkingDirectory = _folder,
            Environment = _environment,
            Output = OutputTarget.File(log),
            Error = OutputTarget.SameAsOutput,
        };
        return Subprocess.RunAsync(spec, async server =>
        {
            await Readiness.WaitAsync(server, log, isReady);
            return await body();
        });
    }

    private string Configuration() =>
        $"""
        ClusterName=bench
        SlurmctldHost={Environment.MachineName}(127.0.0.1)
        SlurmctldPort={FreePort.Find()}
        SlurmUser={Environment.UserName}
        SlurmdUser={Environment.UserName}
        CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
        AuthType=auth/munge
        AuthInfo=socket={MungeSocket}
        StateSaveLocation={Directory.CreateDirectory(Path.Combine(_folder, "state"))}
        SlurmdSpoolDir={Directory.CreateDirectory(Path.Combine(_folder, "spool"))}
        SlurmctldPidFile={_folder}/slurmctld.pid
        SlurmdPidFile={_folder}/slurmd.pid
        ProctrackType=proctrack/linuxproc
        TaskPlugin=task/none
        JobAcctGatherType=jobacct_gather/none
        AccountingStorageType=accounting_storage/none
        JobCompType=jobcomp/none
        SelectType=select/cons_tres
        SelectTypeParameters=CR_Core
        SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,bf_interval=1,sched_interval=1
        SlurmdParameters=config_overrides
        ReturnToService=2
        MpiDefault=none
        Epilog=/bin/true
        NodeName=n1 NodeHostname={Environment.MachineName} NodeAddr=127.0.0.1 Port={FreePort.Find()} CPUs={Workload.AtOnce}
        PartitionName=debug Nodes=n1 Default=YES MaxTime=INFINITE State=UP

        """;
}
