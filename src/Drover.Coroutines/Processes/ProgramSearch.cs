using System.Collections;

namespace Drover.Coroutines;

/// <summary>The environment that a process gets, and the program that a name means in it.</summary>
internal sealed class ProgramSearch
{
    private const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";
    private readonly ProcessSpec _spec;
    private readonly Dictionary<string, string> _environment = [];

    internal ProgramSearch(ProcessSpec spec)
    {
        _spec = spec;
        if (spec.InheritsEnvironment)
        {
            foreach (DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
            {
                _environment[(string)variable.Key] = (string?)variable.Value ?? "";
            }
        }

        foreach ((string name, string? value) in spec.Environment ?? new Dictionary<string, string?>())
        {
            if (value is null)
            {
                _environment.Remove(name);
            }
            else
            {
                _environment[name] = value;
            }
        }
    }

    /// <summary>As C wants it: "NAME=value".</summary>
    internal List<string> Environment() => _environment.Select(variable => $"{variable.Key}={variable.Value}").ToList();

    /// <summary>The program's path. We look for it, since posix_spawnp would use our PATH and not the one that the process gets.</summary>
    internal string Find()
    {
        if (_spec.FileName.Contains('/'))
        {
            return _spec.FileName;
        }

        string path = _environment.GetValueOrDefault("PATH", DefaultPath);
        string? refused = null;
        foreach (string directory in path.Split(':'))
        {
            string candidate = Path.Combine(directory, _spec.FileName);
            if (!directory.StartsWith('/') || !File.Exists(candidate))
            {
                continue;
            }

            if (Libc.access(candidate, Libc.X_OK) == 0)
            {
                return candidate;
            }

            refused ??= candidate;
        }

        throw refused is null
            ? StartErrors.NoSuchProgram(_spec, path)
            : StartErrors.NotExecutable(_spec, Libc.EACCES, $"'{refused}' may not be executed: permission denied");
    }
}
