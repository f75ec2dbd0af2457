using System.Text.Json.Nodes;

namespace Mds.Operator.Api;

/// <summary>How the local issuer's keys are served.</summary>
/// <param name="TlsSecret">The Secret with the certificate and key of its port; null for plain HTTP.</param>
internal sealed record EmulatorIssuer(string? TlsSecret)
{
    /// <summary>The certificate's key in a Secret of type <c>kubernetes.io/tls</c>, and its file name.</summary>
    public const string CertificateFile = "tls.crt";

    /// <summary>The private key's key in such a Secret, and its file name.</summary>
    public const string KeyFile = "tls.key";

    /// <summary>Reads that of a specification.</summary>
    /// <param name="spec">The specification.</param>
    public static EmulatorIssuer Read(SpecReader spec)
    {
        var issuer = spec.Object("issuer");
        return new(issuer.Has("tlsSecretRef") ? KeyReference.ReadName(issuer.Object("tlsSecretRef")) : null);
    }

    /// <summary>Its schema.</summary>
    public static JsonObject Schema() => Api.Schema.Object(
        "How the keys of local issuers are served: at port 16177 of the emulator's Service.",
        [],
        ("tlsSecretRef", Api.Schema.Object(
            "TLS on that port, for those who take only an https issuer, as Kubernetes API servers do. The Secret, in the emulator's "
            + "namespace, has tls.crt and tls.key as cert-manager and kubectl create secret tls write them. Without it: plain HTTP.",
            ["name"],
            ("name", KeyReference.NameSchema("Secret")))));
}
