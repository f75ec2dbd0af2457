using System.Text;

namespace Mds.Server.Samples;

/// <summary>What a person at a terminal is shown once the server listens: what to export, and something to try.</summary>
internal static class Welcome
{
    // Which client reads which: cloud.google.com/go, google-auth (ping by IP), gcloud, Google.Api.Gax. All take host:port.
    private static readonly string[] Variables =
        ["GCE_METADATA_HOST", "GCE_METADATA_IP", "GCE_METADATA_ROOT", "METADATA_EMULATOR_HOST"];

    /// <summary>Renders the text.</summary>
    /// <param name="authority">The <c>address:port</c> of the metadata listener.</param>
    /// <param name="adminAuthority">That of the admin listener, if it is open.</param>
    /// <param name="servesSample">Whether the built-in sample is served.</param>
    /// <param name="hasTokens">Whether any account has a credential.</param>
    public static string Render(string authority, string? adminAuthority, bool servesSample, bool hasTokens)
    {
        var text = new StringBuilder();
        text.Append("# metadata: http://").Append(authority).Append('\n');
        if (adminAuthority is not null)
        {
            text.Append("# admin: http://").Append(adminAuthority).Append('\n');
        }

        if (servesSample)
        {
            text.Append("# No -configFile is given: a built-in sample is served, of a machine that does not exist.\n");
        }

        if (!hasTokens)
        {
            text.Append("# No credential is given, so there are no tokens: add -local (tokens made here) or -serviceAccountFile.\n");
        }

        text.Append("\n# Google's clients find it by these:\n");
        foreach (var variable in Variables)
        {
            text.Append("export ").Append(variable).Append('=').Append(authority).Append('\n');
        }

        text.Append("export METADATA_SERVER_DETECTION=assume-present\n");
        text.Append("\n# Try it:\ncurl -H 'Metadata-Flavor: Google' http://").Append(authority)
            .Append(hasTokens ? "/computeMetadata/v1/instance/service-accounts/default/token" : "/computeMetadata/v1/?recursive=true")
            .Append('\n');
        return text.ToString();
    }
}
