namespace Mds.Operator.Emulators;

/// <summary>Every reason of every condition. docs/conditions.md is written from this table.</summary>
internal static class Reasons
{
    /// <summary>Ready: all of it.</summary>
    public static readonly Reason Ready = new(
        "Ready", Reason.True, "Pods that ask are answered as the specification says.");

    /// <summary>Ready, Available: the specification is wrong.</summary>
    public static readonly Reason SpecInvalid = new(
        "SpecInvalid", Reason.False,
        "The specification contradicts itself, or has a field of a wrong type. What ran before runs on.",
        "Correct the field the message names.");

    /// <summary>Ready, Available: the specification is ahead of this version.</summary>
    public static readonly Reason NotSupportedYet = new(
        "NotSupportedYet", Reason.False,
        "The specification asks for something that is in the API but not in this version of the operator. What ran before runs on.",
        "Use what the message proposes, or a later version.");

    /// <summary>Ready: somebody else's object is in the way.</summary>
    public static readonly Reason ObjectConflict = new(
        "ObjectConflict", Reason.False,
        "An object with a name the emulator needs exists and is not the emulator's. It is left alone.",
        "Delete or rename that object, or give the emulator another name.");

    /// <summary>Ready: the API server refused an object.</summary>
    public static readonly Reason ApplyFailed = new(
        "ApplyFailed", Reason.False,
        "The API server refused one of the emulator's objects; the message says why. It is tried again.",
        "Often a field of podTemplate, a quota, or an admission policy.");

    /// <summary>Ready: pods of an earlier specification still run.</summary>
    public static readonly Reason RollingOut = new(
        "RollingOut", Reason.False,
        "Server pods are being replaced by ones of the current specification; the earlier ones answer meanwhile.",
        "Wait. When it does not end, the message says what keeps the new pods from starting.");

    /// <summary>Available: yes.</summary>
    public static readonly Reason ServerReady = new("ServerReady", Reason.True, "At least one server pod answers, and the Service leads to it. Nodes follow within about a second.");

    /// <summary>Available: no address yet.</summary>
    public static readonly Reason EndpointPending = new(
        "EndpointPending", Reason.False, "The Service has no address yet.", "Wait; the cluster assigns it at once as a rule.");

    /// <summary>Available: no pods wanted.</summary>
    public static readonly Reason ScaledToZero = new(
        "ScaledToZero", Reason.False, "spec.deployment.replicas is 0.", "Set it to 1 or more.");

    /// <summary>Available: pods are not there yet.</summary>
    public static readonly Reason ServerStarting = new(
        "ServerStarting", Reason.False,
        "No server pod is ready, and none says why.",
        "Wait; then look at the pods and their events: kubectl describe pods -l mds.dev/emulator=NAME.");

    /// <summary>Available: the Service does not know its pods yet.</summary>
    public static readonly Reason EndpointNotRouted = new(
        "EndpointNotRouted", Reason.False,
        "A server pod is ready, and the Service does not lead to it yet.",
        "Wait a moment; then look at what the Service leads to: kubectl get endpointslices -l kubernetes.io/service-name=mds-NAME.");

    /// <summary>Available: no image.</summary>
    public static readonly Reason ImagePullFailed = new(
        "ImagePullFailed", Reason.False,
        "The node cannot get the server's image.",
        "Check the operator's --server-image and the pull secrets (podTemplate.imagePullSecrets).");

    /// <summary>Available: the program ends.</summary>
    public static readonly Reason ServerCrashing = new(
        "ServerCrashing", Reason.False,
        "The server ends as soon as it starts; the message has its last words.",
        "Do what they say. With claimsFrom, the claims may be unreadable.");

    /// <summary>Available: the container cannot be made.</summary>
    public static readonly Reason ContainerNotStarted = new(
        "ContainerNotStarted", Reason.False, "The node cannot start the server's container.", "The message is the node's own.");

    /// <summary>Available: no node.</summary>
    public static readonly Reason PodUnschedulable = new(
        "PodUnschedulable", Reason.False,
        "No node takes the server's pods.",
        "Compare podTemplate (nodeSelector, tolerations, affinity, resources) with the nodes.");

    /// <summary>Available: pods are refused.</summary>
    public static readonly Reason PodsRefused = new(
        "PodsRefused", Reason.False,
        "The API server refuses the server's pods: a quota or an admission policy of the namespace.",
        "The message names it.");

    /// <summary>ClaimsValid: yes.</summary>
    public static readonly Reason ClaimsAccepted = new("ClaimsAccepted", Reason.True, "The claims can be served.");

    /// <summary>ClaimsValid: they are broken.</summary>
    public static readonly Reason ClaimsInvalid = new(
        "ClaimsInvalid", Reason.False,
        "The claims cannot be served; the message names each JSON path. The last good ones are served on.",
        "Correct what it names.");

    /// <summary>ClaimsValid: there is no such ConfigMap.</summary>
    public static readonly Reason ConfigMapNotFound = new(
        "ConfigMapNotFound", Reason.False,
        "The ConfigMap of claimsFrom does not exist in the emulator's namespace. Server pods wait for it.",
        "Create it, or correct the name.");

    /// <summary>ClaimsValid: there is no such key.</summary>
    public static readonly Reason ConfigMapKeyNotFound = new(
        "ConfigMapKeyNotFound", Reason.False,
        "The ConfigMap of claimsFrom has no such key. Server pods wait for it.",
        "Add it, or correct the key.");

    /// <summary>ClaimsValid: the server will not have them.</summary>
    public static readonly Reason ClaimsRejected = new(
        "ClaimsRejected", Reason.False,
        "The operator found nothing wrong with the claims, but a server pod did; it serves the last good ones.",
        "With claimsFrom.upstream, see that the other metadata server can be reached. Otherwise often a server of an earlier version: "
        + "see its image, or correct what the message names.");

    /// <summary>CredentialsValid: yes.</summary>
    public static readonly Reason CredentialsAccepted = new(
        "CredentialsAccepted", Reason.True, "Every account's credential has got a token.");

    /// <summary>CredentialsValid: there are none.</summary>
    public static readonly Reason NoCredentials = new(
        "NoCredentials", Reason.True,
        "The emulator has no credentials: metadata is answered, tokens are not (404), as on a machine without a service account.",
        "Nothing, or add spec.credentials.");

    /// <summary>CredentialsValid: the issuer says no.</summary>
    public static readonly Reason CredentialsRejected = new(
        "CredentialsRejected", Reason.False,
        "The token issuer refuses an account's credential, and the message has its words. Its clients get 503.",
        "A key may be deleted, disabled or of another account: make a new one and put it into the Secret. Impersonation needs the role "
        + "Service Account Token Creator on the account; federation needs a provider that trusts this cluster's issuer and audience.");

    /// <summary>CredentialsValid: it is no credential.</summary>
    public static readonly Reason CredentialsUnusable = new(
        "CredentialsUnusable", Reason.False,
        "An account's credential cannot be used: the Secret or its key is missing, what is in it is no credential, or the TPM has no such "
        + "key. Its clients get 503.",
        "Create or correct the Secret; it is read again by itself, without a restart. A TPM that refused a password is asked again only after "
        + "a change, because wrong passwords lock it; a pod that starts with one, or has no other account, is not ready until then.");

    /// <summary>CredentialsValid: the other metadata server does not know the account.</summary>
    public static readonly Reason AccountMissing = new(
        "AccountMissing", Reason.False,
        "The other metadata server (upstream) has no such account. Its clients get 404, as they would there.",
        "Give the node or that server the account, or name another in upstream.account; it is asked again by itself.");

    /// <summary>CredentialsValid: nobody can fetch the local issuer's keys.</summary>
    public static readonly Reason IssuerCertificateUnusable = new(
        "IssuerCertificateUnusable", Reason.False,
        "The certificate of the local issuer's port cannot be used: the Secret of spec.issuer.tlsSecretRef is missing, or what is in it is "
        + "no certificate with its key. Tokens are given, and nobody can verify them.",
        "Create or correct the Secret (tls.crt and tls.key); it is read again by itself, without a restart.");

    /// <summary>CredentialsValid: nobody answers.</summary>
    public static readonly Reason IssuerUnavailable = new(
        "IssuerUnavailable", Reason.False,
        "The token issuer, or the TPM, cannot be reached. Tokens that are still valid are served on.",
        "Check the way from the server pods to it: egress policies, proxies, name look-up, spec.endpoints.");

    /// <summary>CredentialsValid: not asked yet.</summary>
    public static readonly Reason CredentialsUntried = new(
        "CredentialsUntried", Reason.Unknown, "No token has been asked of an account's credential yet.", "Wait a moment.");

    /// <summary>CredentialsValid: the pods cannot be asked.</summary>
    public static readonly Reason StatusUnreachable = new(
        "StatusUnreachable", Reason.Unknown,
        "The operator cannot read the status of the server pods, which are ready otherwise.",
        "Let the operator's namespace reach port 16176 of the pods: a network policy of your own may forbid it. An operator in its node's network "
        + "has to know (--host-network; the chart says so by hostNetwork).");

    /// <summary>CredentialsValid: there is nobody to ask.</summary>
    public static readonly Reason ServerNotReady = new(
        "ServerNotReady", Reason.Unknown, "No server pod is ready, so that none can be asked.", "See the condition Available.");

    /// <summary>The table: what each condition says, and its reasons.</summary>
    public static readonly IReadOnlyList<(string Condition, string Meaning, IReadOnlyList<Reason> Reasons)> Table =
    [
        ("Ready", "All of the others hold, and the pods that run are those of the current specification. Beside the reasons here, it has those of the condition that does not hold.",
            [Ready, SpecInvalid, NotSupportedYet, ObjectConflict, ApplyFailed, RollingOut]),
        ("Available", "Pods that ask get an answer.",
            [ServerReady, EndpointPending, ScaledToZero, ServerStarting, EndpointNotRouted, ImagePullFailed, ServerCrashing, ContainerNotStarted, PodUnschedulable, PodsRefused, SpecInvalid, NotSupportedYet]),
        ("ClaimsValid", "The metadata that is written down can be served.",
            [ClaimsAccepted, ClaimsInvalid, ConfigMapNotFound, ConfigMapKeyNotFound, ClaimsRejected]),
        ("CredentialsValid", "Tokens can be got for every account that has a credential. Told by the server pods themselves; of several, the worst counts.",
            [CredentialsAccepted, NoCredentials, CredentialsRejected, CredentialsUnusable, AccountMissing, IssuerUnavailable, IssuerCertificateUnusable, CredentialsUntried, StatusUnreachable, ServerNotReady]),
    ];
}
