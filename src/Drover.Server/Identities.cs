using System.Text;
using Drover.Server.Api;
using Drover.Server.Storage;
using Drover.Server.Supervision;

namespace Drover.Server;

/// <summary>Whoever is there without being asked for: the default user, and the agent of this machine.</summary>
internal sealed class Identities(Store store, DataFolder folder, TimeProvider time)
{
    /// <summary>Makes the default user, an administrator named as the Unix user, and a token in the data folder.</summary>
    /// <returns>The user's name.</returns>
    internal async Task<string> EnsureDefaultUserAsync()
    {
        string name = Environment.UserName;
        DateTimeOffset now = time.GetUtcNow();
        if (await store.UserAsync(name) is null)
        {
            await store.CommitAsync(new Change.UserAdded(new UserRow { Name = name, IsAdmin = true, CreatedAt = now }));
        }

        if (folder.ReadToken() is not { } token || await store.TokenAsync(TokenHash.Of(token)) is null)
        {
            token = Tokens.New(TokenKind.User);
            await store.CommitAsync(new Change.TokenIssued(Tokens.OfUser(token, name, now)));
            folder.WriteToken(token);
        }

        return name;
    }

    /// <summary>Makes an agent of this machine and a token for it in its folder.</summary>
    /// <returns>The path of the file with the token; only its owner can read it.</returns>
    internal async Task<string> EnsureAgentTokenAsync(string user)
    {
        const string Site = AgentDirectory.LocalSite;
        string agentFolder = folder.AgentOf(user).Folder;
        string file = Path.Combine(agentFolder, "token");
        if (File.Exists(file) && await store.TokenAsync(TokenHash.Of((await File.ReadAllTextAsync(file)).Trim())) is { Kind: TokenKind.Agent })
        {
            return file;
        }

        string token = Tokens.New(TokenKind.Agent);
        string name = AgentDirectory.NameOf(user, Site);
        AgentRow agent = (await store.AgentsAsync()).FirstOrDefault(row => row.Name == name)
            ?? new AgentRow { Name = name, User = user, Site = Site };
        await store.CommitAsync(new Change.AgentSeen(agent), new Change.TokenIssued(Tokens.OfAgent(token, agent, time.GetUtcNow())));
        Directory.CreateDirectory(agentFolder);
        Directory.CreateDirectory(folder.Logs);
        AtomicFile.Write(file, Encoding.UTF8.GetBytes(token + '\n'));
        return file;
    }
}
