using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Drover.Server.Hosting;

/// <summary>How an application hosts a Drover server.</summary>
public sealed class DroverHostOptions
{
    /// <summary>
    /// The folder with everything the server keeps; made when it is missing, and in use by one server at a time. Default:
    /// <c>$DROVER_DATA</c>, else <c>~/.local/share/drover</c>.
    /// </summary>
    public string? DataFolder { get; set; }

    /// <summary>The configuration file. Default: <c>drover.yaml</c> in the data folder, if there is one.</summary>
    public string? ConfigurationFile { get; set; }

    /// <summary>
    /// A section of the application's configuration with the keys of <c>drover.yaml</c>, instead of a file. Default: none.
    /// What says how to listen and how to log is the application's, and not looked at.
    /// </summary>
    public IConfiguration? Configuration { get; set; }

    /// <summary>
    /// The command that is an agent; its options are added. Empty: the server starts none, and jobs run where agents are
    /// started by hand. Default: <c>drover agent</c>, with the program <c>drover</c> beside the application, or else on
    /// the path.
    /// </summary>
    public IReadOnlyList<string> AgentCommand { get; set; } = DefaultAgent();

    /// <summary>
    /// Whether the server starts an agent on this machine for every user who needs one. Their jobs then run as the
    /// application's own Unix user: they can read each other's files, and the application's. Default: false, only for
    /// the Unix user's own jobs, who is the server's administrator.
    /// </summary>
    public bool StartAgentsForAllUsers { get; set; }

    /// <summary>
    /// Which user of Drover a request of the application's user is made as; null for none. Asked when a request to Drover
    /// shows no token of Drover's. A user who is not known yet is made. Default: nobody but who shows a token.
    /// </summary>
    public Func<HttpContext, DroverUser?>? FindUser { get; set; }

    /// <summary>
    /// Where agents and the command line on this machine reach the application, as far as the path that is mapped.
    /// Default: the first address that it listens on.
    /// </summary>
    public Uri? Url { get; set; }

    private static IReadOnlyList<string> DefaultAgent()
    {
        string beside = Path.Combine(AppContext.BaseDirectory, "drover");
        return [File.Exists(beside) ? beside : "drover", "agent"];
    }
}
