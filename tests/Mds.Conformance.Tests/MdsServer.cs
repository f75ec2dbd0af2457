using System.Diagnostics;
using System.Text;

namespace Mds.Conformance.Tests;

/// <summary>A started <c>mds-server</c>, found by what it prints for people to paste.</summary>
internal sealed class MdsServer : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly Task<string> _log;
    private readonly Dictionary<string, string> _variables = [];
    private readonly StringBuilder _welcome = new();

    private MdsServer(Process process)
    {
        _process = process;
        _log = process.StandardError.ReadToEndAsync();
    }

    /// <summary>The variables that it says to export, as it says them.</summary>
    public IReadOnlyDictionary<string, string> Variables => _variables;

    /// <summary>What it printed before it said what to try.</summary>
    public string Welcome => _welcome.ToString();

    /// <summary>Where its admin listener is.</summary>
    public string Admin { get; private set; } = "";

    /// <summary>Where the local issuer's own listener is, if there is one.</summary>
    public string Issuer { get; private set; } = "";

    /// <summary>Its process.</summary>
    public int Id => _process.Id;

    /// <summary>Starts one with the claims of claims.json on a port of its own.</summary>
    public static Task<MdsServer> StartAsync(string home, params string[] arguments) =>
        StartAsync(home, [], ["-configFile", Built.File("claims.json"), "-port", ":0", .. arguments]);

    /// <summary>Starts one.</summary>
    /// <param name="home">Its home folder.</param>
    /// <param name="wrapper">A command that becomes the server's, which is added to it; none for the server alone.</param>
    /// <param name="arguments">The server's arguments.</param>
    public static async Task<MdsServer> StartAsync(string home, string[] wrapper, string[] arguments)
    {
        string[] command = [.. wrapper, "dotnet", Built.Assembly("mds-server"), "-metricsPort", "0", .. arguments];
        var server = new MdsServer(
            ChildProcess.Start(ChildProcess.Describe(command[0], command[1..], home, []), "the .NET SDK, iproute2 and util-linux"));
        try
        {
            await server.ReadWelcomeAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it and returns what it logged.</summary>
    public async Task<string> StopAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        return await _log;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }

    // The last line is a command to try.
    private async Task ReadWelcomeAsync()
    {
        const string Export = "export ";
        const string AdminIs = "# admin: ";
        const string IssuerIs = "# local issuer: ";
        using var limit = new CancellationTokenSource(Deadline);
        string? line;
        while ((line = await _process.StandardOutput.ReadLineAsync(limit.Token)) is not null && !line.StartsWith("curl ", StringComparison.Ordinal))
        {
            _welcome.AppendLine(line);
            if (line.StartsWith(Export, StringComparison.Ordinal) && line[Export.Length..].Split('=', 2) is [var name, var value])
            {
                _variables[name] = value;
            }
            else if (line.StartsWith(AdminIs, StringComparison.Ordinal))
            {
                Admin = line[AdminIs.Length..];
            }
            else if (line.StartsWith(IssuerIs, StringComparison.Ordinal))
            {
                Issuer = line[IssuerIs.Length..];
            }
        }

        if (line is null)
        {
            throw new InvalidOperationException($"mds-server ended before it listened: {await _log}");
        }
    }
}
