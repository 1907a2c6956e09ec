using System.Diagnostics;
using System.IO.Compression;

namespace Drover.Samples.Tests;

/// <summary>The packages, as somebody elsewhere gets them.</summary>
public sealed class PackageTests : IDisposable
{
    private static readonly string[] s_packages = ["Drover.Coroutines", "Drover.Protocol", "Drover.Client"];

#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    private readonly string _folder = Directory.CreateTempSubdirectory("drover-packages-").FullName;

    private string Feed => Path.Combine(_folder, "feed");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact(Timeout = 900_000)]
    public async Task A_fresh_project_restores_them_from_a_folder_and_runs()
    {
        foreach (string package in s_packages)
        {
            // What was built together with these tests.
            await DotnetAsync("pack", Path.Combine(Root(), "src", package), "-c", Configuration, "--no-build", "-o", Feed);
        }

        AssertContents();
        string project = await WriteProjectAsync();
        string output = await DotnetAsync("run", "--project", project);
        Assert.Equal("2\nsucceeded\nThe server http://127.0.0.1:1/ cannot be reached: Connection refused.\n", output);
    }

    /// <summary>A reader of its page finds the README, an editor the doc comments, a debugger the sources.</summary>
    private void AssertContents()
    {
        Assert.All(s_packages, package =>
        {
            using ZipArchive archive = ZipFile.OpenRead(Path.Combine(Feed, $"{package}.0.1.0.nupkg"));
            string[] entries = [.. archive.Entries.Select(entry => entry.FullName)];
            Assert.Superset(new HashSet<string> { "README.md", $"lib/net10.0/{package}.dll", $"lib/net10.0/{package}.xml" }, entries.ToHashSet());
            using var nuspec = new StreamReader(archive.GetEntry($"{package}.nuspec")!.Open());
            string text = nuspec.ReadToEnd();
            Assert.Contains("<license type=\"expression\">Apache-2.0</license>", text, StringComparison.Ordinal);
            Assert.Equal(package == "Drover.Client", text.Contains("<dependency id=\"Drover.Protocol\"", StringComparison.Ordinal));
            using ZipArchive symbols = ZipFile.OpenRead(Path.Combine(Feed, $"{package}.0.1.0.snupkg"));
            Assert.Contains(symbols.Entries, entry => entry.FullName == $"lib/net10.0/{package}.pdb");
        });
    }

    /// <summary>It knows no feed but the folder, and keeps its packages to itself.</summary>
    private async Task<string> WriteProjectAsync()
    {
        string project = Directory.CreateDirectory(Path.Combine(_folder, "project")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(project, "nuget.config"),
            $"""
            <configuration>
              <packageSources><clear /><add key="folder" value="{Feed}" /></packageSources>
              <config><add key="globalPackagesFolder" value="{Path.Combine(_folder, "cache")}" /></config>
            </configuration>
            """);
        await File.WriteAllTextAsync(
            Path.Combine(project, "Fresh.csproj"),
            """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <UseAppHost>false</UseAppHost>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Drover.Client" Version="0.1.0" />
                <PackageReference Include="Drover.Coroutines" Version="0.1.0" />
              </ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(
            Path.Combine(project, "Program.cs"),
            """
            using System;
            using Drover.Client;
            using Drover.Coroutines;
            using Drover.Protocol.Jobs;

            Console.WriteLine(EventLoop.Run(async () => { await Coroutine.YieldAsync(); return 2; }));
            Console.WriteLine(new Ending.Exited(0));
            using var client = new DroverClient(new DroverClientOptions { Server = new Uri("http://127.0.0.1:1"), Token = "t", RetryFor = TimeSpan.Zero });
            try
            {
                await client.GetServerAsync();
            }
            catch (ServerUnreachableException e)
            {
                Console.WriteLine(e.Message);
            }
            """);
        return project;
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder!, "Drover.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder!;
    }

    private static async Task<string> DotnetAsync(params string[] words)
    {
        var start = new ProcessStartInfo("dotnet", words) { WorkingDirectory = "/" };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // Nothing of it stays when it has ended.
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = start.Environment["DOTNET_NOLOGO"] = "1";
        await using SampleProcess dotnet = SampleProcess.Start(start);
        int exitCode = await dotnet.EndAsync();
        Assert.True(exitCode == 0, $"dotnet {string.Join(' ', words)} ended with {exitCode}:\n{dotnet.Output.Text}{dotnet.Errors.Text}");
        return dotnet.Output.Text;
    }
}
