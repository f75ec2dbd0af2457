namespace Mds.Server.Listeners;

/// <summary>What a listener serves. A connection carries it as a feature, so that what is served does not depend on ports.</summary>
internal enum ListenerKind
{
    /// <summary>Metadata and nothing else: this is where pods and programs reach.</summary>
    Metadata,

    /// <summary>Health, metrics, status and the local issuer's keys, and no metadata.</summary>
    Admin,

    /// <summary>What others need to verify tokens made here, and nothing else: where a mesh or an API server may reach.</summary>
    Issuer,
}
