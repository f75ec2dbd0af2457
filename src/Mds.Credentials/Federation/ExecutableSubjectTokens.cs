using System.Text.Json;

namespace Mds.Credentials;

/// <summary>
/// A subject token that a program prints (AIP-4117; google-auth-library-python, pluggable.py): JSON with <c>version</c>,
/// <c>success</c>, <c>token_type</c> and the token, or in place of it <c>code</c> and <c>message</c>.
/// </summary>
internal sealed class ExecutableSubjectTokens : ISubjectTokens
{
    private const string SamlType = "urn:ietf:params:oauth:token-type:saml2";

    private readonly string[] _command;
    private readonly string? _outputFile;
    private readonly string _tokenType;
    private readonly IReadOnlyDictionary<string, string> _variables;
    private readonly TimeProvider _time;

    /// <param name="command">The program and its arguments, spaces between.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="outputFile">Where it leaves what it printed, so that it need not run while that is valid.</param>
    /// <param name="audience">The provider; the program is told.</param>
    /// <param name="tokenType">The type of token wanted; the program is told.</param>
    /// <param name="impersonated">The account that the tokens will stand for; the program is told.</param>
    /// <param name="time">The clock.</param>
    public ExecutableSubjectTokens(
        string command, TimeSpan limit, string? outputFile, string audience, string tokenType, string? impersonated, TimeProvider time)
    {
        _command = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        LongestFetch = limit;
        _outputFile = outputFile;
        _tokenType = tokenType;
        _time = time;
        var variables = new Dictionary<string, string>
        {
            ["GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE"] = audience,
            ["GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE"] = tokenType,
            ["GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE"] = "0",
        };
        if (impersonated is not null)
        {
            variables["GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL"] = impersonated;
        }

        if (outputFile is not null)
        {
            variables["GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE"] = outputFile;
        }

        _variables = variables;
    }

    public string Name => $"the token from the program {_command[0]}";

    public TimeSpan LongestFetch { get; }

    public async Task<string> GetAsync(CancellationToken cancellationToken) =>
        await KeptAsync(cancellationToken) ?? Read(await RunAsync(cancellationToken));

    // What an earlier run left, if it is still good; anything else in the file is no reason not to run the program.
    private async Task<string?> KeptAsync(CancellationToken cancellationToken)
    {
        if (_outputFile is null || !File.Exists(_outputFile))
        {
            return null;
        }

        try
        {
            var kept = await File.ReadAllBytesAsync(_outputFile, cancellationToken);
            using var answer = JsonDocument.Parse(kept);
            return answer.RootElement.TryGetProperty("expiration_time", out _) ? Read(kept) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or TokenSourceException)
        {
            return null;
        }
    }

    private async Task<byte[]> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            // What it says on its standard error may be secret.
            var outcome = await new ProgramRun(_command[0], _command[1..], _variables, LongestFetch).RunAsync(_time, cancellationToken);
            return outcome.ExitCode == 0
                ? outcome.Output
                : throw Unavailable($"The program {_command[0]} gave no token: it ended with exit code {outcome.ExitCode}.");
        }
        catch (ProgramStartException e)
        {
            throw Unavailable($"The program {_command[0]} could not be started: {e.Message}.");
        }
        catch (TimeoutException)
        {
            throw Unavailable($"The program {_command[0]} gave no token within {LongestFetch.TotalSeconds:0.###} s.");
        }
    }

    private string Read(ReadOnlyMemory<byte> output)
    {
        try
        {
            using var document = JsonDocument.Parse(output);
            var answer = document.RootElement;
            if (!(answer.TryGetProperty("success", out var success) && success.ValueKind is JsonValueKind.True))
            {
                var code = Text(answer, "code") ?? "no code";
                throw new TokenSourceException(
                    TokenSourceFault.Rejected,
                    $"The program {_command[0]} gave no token ({IssuerText.Clean(code)}: {IssuerText.Clean(Text(answer, "message") ?? "no message")}).");
            }

            if (answer.TryGetProperty("expiration_time", out var expires)
                && expires.TryGetInt64(out var seconds)
                && seconds <= _time.GetUtcNow().ToUnixTimeSeconds())
            {
                throw Unavailable($"The program {_command[0]} gave a token that has expired; compare this machine's clock with the issuer's.");
            }

            return Text(answer, _tokenType is SamlType ? "saml_response" : "id_token") is { Length: > 0 } token
                ? token
                : throw Unavailable($"The program {_command[0]} printed no token of the type that the configuration names (subject_token_type).");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Unavailable($"The program {_command[0]} did not print the JSON object that it should (AIP-4117).");
        }
    }

    private static string? Text(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    // The program is run anew for each exchange, and may do better then.
    private static TokenSourceException Unavailable(string message) => new(TokenSourceFault.Unavailable, message);
}
