using System.Text;
using Mds.Server.Listeners;

namespace Mds.Server.Samples;

/// <summary>What a person at a terminal is shown once the server listens: what to export, and something to try.</summary>
internal static class Welcome
{
    // Which client reads which: cloud.google.com/go, google-auth (ping by IP), gcloud, Google.Api.Gax. All take host:port.
    private static readonly string[] Variables =
        ["GCE_METADATA_HOST", "GCE_METADATA_IP", "GCE_METADATA_ROOT", "METADATA_EMULATOR_HOST"];

    /// <summary>Renders the text.</summary>
    /// <param name="metadata">The metadata listeners, that on a port first.</param>
    /// <param name="admin">The admin listener, if it is open.</param>
    /// <param name="issuer">The local issuer's listener, if it is open.</param>
    /// <param name="servesSample">Whether the built-in sample is served.</param>
    /// <param name="hasTokens">Whether any account has a credential.</param>
    public static string Render(
        IReadOnlyList<BoundListener> metadata, BoundListener? admin, BoundListener? issuer, bool servesSample, bool hasTokens)
    {
        var text = new StringBuilder();
        foreach (var listener in metadata)
        {
            text.Append("# metadata: ").Append(listener.Url).Append('\n');
        }

        if (admin is not null)
        {
            text.Append("# admin: ").Append(admin.Url).Append('\n');
        }

        if (issuer is not null)
        {
            text.Append("# local issuer: ").Append(issuer.Url).Append('\n');
        }

        if (servesSample)
        {
            text.Append("# No -configFile is given: a built-in sample is served, of a machine that does not exist.\n");
        }

        if (!hasTokens)
        {
            text.Append("# No credential is given, so there are no tokens: add -local (tokens made here) or -serviceAccountFile.\n");
        }

        // Google's clients speak plainly to an address that they are told; the other listeners are for programs of one's own.
        if (metadata[0] is { Certificate: null, Port: not 0, Authority: var authority })
        {
            text.Append("\n# Google's clients find it by these:\n");
            foreach (var variable in Variables)
            {
                text.Append("export ").Append(variable).Append('=').Append(authority).Append('\n');
            }

            text.Append("export METADATA_SERVER_DETECTION=assume-present\n");
        }

        text.Append("\n# Try it:\ncurl -H 'Metadata-Flavor: Google' ").Append(CurlAddress(metadata[0]))
            .Append(hasTokens ? "/computeMetadata/v1/instance/service-accounts/default/token" : "/computeMetadata/v1/?recursive=true")
            .Append('\n');
        return text.ToString();
    }

    private static string CurlAddress(BoundListener listener) =>
        listener.Port == 0 ? $"--unix-socket '{listener.Authority}' http://metadata.google.internal"
        : listener.Certificate is not null ? $"--cacert SERVER-ROOT.crt --cert CLIENT.crt --key CLIENT.key {listener.Url}"
        : listener.Url;
}
