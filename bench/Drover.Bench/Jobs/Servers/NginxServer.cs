using Drover.Coroutines;

namespace Drover.Bench.Jobs.Servers;

/// <summary>An nginx of our own, which serves the files of a folder.</summary>
internal static class NginxServer
{
    public const string Program = "nginx";

    /// <summary>Runs the body with the server's address.</summary>
    public static Task<T> RunAsync<T>(string folder, Func<Uri, Task<T>> body)
    {
        var home = Scratch.NewFolder(Program);
        var port = FreePort.Find();
        var configuration = Path.Combine(home, "nginx.conf");
        File.WriteAllText(
            configuration,
            $$"""
            daemon off;
            worker_processes 1;
            pid {{home}}/pid;
            error_log {{home}}/log;
            {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
            events { }
            http {
                access_log off;
                sendfile on;
                client_body_temp_path {{home}};
                proxy_temp_path {{home}};
                fastcgi_temp_path {{home}};
                uwsgi_temp_path {{home}};
                scgi_temp_path {{home}};
                server { listen 127.0.0.1:{{port}}; root {{folder}}; }
            }
            """);
        var log = Path.Combine(home, "log");
        var spec = new ProcessSpec(Programs.Find(Program), ["-p", home, "-c", configuration]) { Error = OutputTarget.File(log) };
        return Subprocess.RunAsync(spec, async server =>
        {
            await Readiness.WaitAsync(server, log, () => RedisServer.AcceptsAsync(port));
            return await body(new Uri($"http://127.0.0.1:{port}/"));
        });
    }
}
